import type { Query } from '@agent-platform/kernel/index';

export const skillRunQueries: Readonly<Record<string, Query>> = {
  'skill_run.get': { kind: 'get', projection: 'skill_run', table: 'skill_runs', key: { skill_run_id: 'id' } },
  'skill_run.list': {
    kind: 'list',
    projection: 'skill_run',
    table: 'skill_runs',
    filters: {
      skill_id: { column: 'skill_id', op: 'eq' },
      skill_version_id: { column: 'skill_version_id', op: 'eq' },
      status: { column: 'status', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
