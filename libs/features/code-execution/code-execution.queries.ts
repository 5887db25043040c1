import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'code_execution';
const table = 'code_executions';

export const codeExecutionQueries: Readonly<Record<string, Query>> = {
  'code_execution.get': { kind: 'get', projection, table, key: { code_execution_id: 'id' } },
  'code_execution.list': {
    kind: 'list',
    projection,
    table,
    filters: equal('status', 'language'),
    order: newestFirst('created_at', 'id'),
  },
};
