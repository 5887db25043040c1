import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'workflow';

export const workflowQueries: Readonly<Record<string, Query>> = {
  'workflow.get': { kind: 'get', projection, table: 'workflows', key: { workflow_id: 'id' } },
  'workflow.list': {
    kind: 'list',
    projection,
    table: 'workflows',
    filters: { ...equal('type', 'status', 'code', 'app_id'), q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
  'workflow.version': { kind: 'get', projection, table: 'workflow_versions', key: { workflow_version_id: 'id' } },
  'workflow.versions': {
    kind: 'list',
    projection,
    table: 'workflow_versions',
    filters: equal('workflow_id'),
    order: newestFirst('created_at', 'number', 'id'),
  },
};
