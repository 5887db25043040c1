import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'tool_call';
const table = 'tool_calls';

export const toolCallQueries: Readonly<Record<string, Query>> = {
  'tool_call.get': { kind: 'get', projection, table, key: { tool_call_id: 'id' } },
  'tool_call.list': {
    kind: 'list',
    projection,
    table,
    filters: equal('tool_id', 'run_id', 'skill_run_id', 'status', 'source'),
    order: newestFirst('created_at', 'id'),
  },
};
