import type { Query } from '@agent-platform/kernel/index';

const from = { projection: 'knowledge_base', table: 'knowledge_bases' } as const;

export const knowledgeBaseQueries: Readonly<Record<string, Query>> = {
  'knowledge_base.get': { kind: 'get', ...from, key: { knowledge_base_id: 'id' } },
  'knowledge_base.list': {
    kind: 'list',
    ...from,
    filters: { q: { column: 'name', op: 'search' }, code: { column: 'code', op: 'eq' }, status: { column: 'status', op: 'eq' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
