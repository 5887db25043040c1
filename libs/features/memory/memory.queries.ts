import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'memory';
const table = 'memories';

export const memoryQueries: Readonly<Record<string, Query>> = {
  'memory.get': { kind: 'get', projection, table, key: { memory_id: 'id' } },
  'memory.list': {
    kind: 'list',
    projection,
    table,
    filters: { ...equal('scope_type', 'scope_id', 'memory_type', 'status', 'source_run_id'), q: { column: 'content_text', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
};
