import type { Query } from '@agent-platform/kernel/index';

export const runQueries: Readonly<Record<string, Query>> = {
  'run.get': { kind: 'get', projection: 'run', table: 'runs', key: { run_id: 'id' } },
  'run.list': {
    kind: 'list',
    projection: 'run',
    table: 'runs',
    filters: {
      status: { column: 'status', op: 'eq' },
      workflow_id: { column: 'workflow_id', op: 'eq' },
      workflow_version_id: { column: 'workflow_version_id', op: 'eq' },
      session_id: { column: 'session_id', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
  'run.nodes': {
    kind: 'list',
    projection: 'run',
    table: 'node_runs',
    filters: { run_id: { column: 'run_id', op: 'eq' }, status: { column: 'status', op: 'eq' } },
    order: [{ column: 'node_id', direction: 'asc' }],
  },
};
