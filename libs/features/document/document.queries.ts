import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const from = { projection: 'document', table: 'documents' } as const;

export const documentQueries: Readonly<Record<string, Query>> = {
  'document.get': { kind: 'get', ...from, key: { document_id: 'id' } },
  'document.list': {
    kind: 'list',
    ...from,
    filters: { ...equal('knowledge_base_id', 'index_status'), q: { column: 'title', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
};
