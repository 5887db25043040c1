import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

export const skillRunQueries: Readonly<Record<string, Query>> = {
  'skill_run.get': { kind: 'get', projection: 'skill_run', table: 'skill_runs', key: { skill_run_id: 'id' } },
  'skill_run.list': {
    kind: 'list',
    projection: 'skill_run',
    table: 'skill_runs',
    filters: equal('skill_id', 'skill_version_id', 'status'),
    order: newestFirst('created_at', 'id'),
  },
};
