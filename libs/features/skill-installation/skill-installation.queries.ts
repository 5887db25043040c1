import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'skill_installation';
const table = 'skill_installations';

export const skillInstallationQueries: Readonly<Record<string, Query>> = {
  'skill_installation.get': { kind: 'get', projection, table, key: { installation_id: 'id' } },
  'skill_installation.list': {
    kind: 'list',
    projection,
    table,
    filters: equal('skill_id', 'install_scope', 'scope_id', 'status'),
    order: newestFirst('created_at', 'id'),
  },
};
