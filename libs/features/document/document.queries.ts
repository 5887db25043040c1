import type { Query } from '@agent-platform/kernel/index';

const from = { projection: 'document', table: 'documents' } as const;

export const documentQueries: Readonly<Record<string, Query>> = {
  'document.get': { kind: 'get', ...from, key: { document_id: 'id' } },
  'document.list': {
    kind: 'list',
    ...from,
    filters: {
      knowledge_base_id: { column: 'knowledge_base_id', op: 'eq' },
      index_status: { column: 'index_status', op: 'eq' },
      q: { column: 'title', op: 'search' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
