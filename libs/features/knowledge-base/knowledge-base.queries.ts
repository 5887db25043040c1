import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const from = { projection: 'knowledge_base', table: 'knowledge_bases' } as const;

export const knowledgeBaseQueries: Readonly<Record<string, Query>> = {
  'knowledge_base.get': { kind: 'get', ...from, key: { knowledge_base_id: 'id' } },
  'knowledge_base.list': {
    kind: 'list',
    ...from,
    filters: { ...equal('code', 'status'), q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
};
