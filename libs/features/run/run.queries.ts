import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

export const runQueries: Readonly<Record<string, Query>> = {
  'run.get': { kind: 'get', projection: 'run', table: 'runs', key: { run_id: 'id' } },
  'run.list': {
    kind: 'list',
    projection: 'run',
    table: 'runs',
    filters: equal('status', 'workflow_id', 'workflow_version_id', 'session_id'),
    order: newestFirst('created_at', 'id'),
  },
  'run.nodes': {
    kind: 'list',
    projection: 'run',
    table: 'node_runs',
    filters: equal('run_id', 'status'),
    order: [{ column: 'node_id', direction: 'asc' }],
  },
};
