import type { Query } from '@agent-platform/kernel/index';

const projection = 'tool_call';
const table = 'tool_calls';

export const toolCallQueries: Readonly<Record<string, Query>> = {
  'tool_call.get': { kind: 'get', projection, table, key: { tool_call_id: 'id' } },
  'tool_call.list': {
    kind: 'list',
    projection,
    table,
    filters: {
      tool_id: { column: 'tool_id', op: 'eq' },
      run_id: { column: 'run_id', op: 'eq' },
      status: { column: 'status', op: 'eq' },
      source: { column: 'source', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
