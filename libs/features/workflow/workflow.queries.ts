import type { Query } from '@agent-platform/kernel/index';

const projection = 'workflow';

export const workflowQueries: Readonly<Record<string, Query>> = {
  'workflow.get': { kind: 'get', projection, table: 'workflows', key: { workflow_id: 'id' } },
  'workflow.list': {
    kind: 'list',
    projection,
    table: 'workflows',
    filters: {
      q: { column: 'name', op: 'search' },
      type: { column: 'type', op: 'eq' },
      status: { column: 'status', op: 'eq' },
      code: { column: 'code', op: 'eq' },
      app_id: { column: 'app_id', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
  'workflow.version': { kind: 'get', projection, table: 'workflow_versions', key: { workflow_version_id: 'id' } },
  'workflow.versions': {
    kind: 'list',
    projection,
    table: 'workflow_versions',
    filters: { workflow_id: { column: 'workflow_id', op: 'eq' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'number', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
