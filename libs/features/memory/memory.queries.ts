import type { Query } from '@agent-platform/kernel/index';

const projection = 'memory';
const table = 'memories';

export const memoryQueries: Readonly<Record<string, Query>> = {
  'memory.get': { kind: 'get', projection, table, key: { memory_id: 'id' } },
  'memory.list': {
    kind: 'list',
    projection,
    table,
    filters: {
      scope_type: { column: 'scope_type', op: 'eq' },
      scope_id: { column: 'scope_id', op: 'eq' },
      memory_type: { column: 'memory_type', op: 'eq' },
      status: { column: 'status', op: 'eq' },
      source_run_id: { column: 'source_run_id', op: 'eq' },
      q: { column: 'content_text', op: 'search' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
