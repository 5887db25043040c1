import type { Query } from '@agent-platform/kernel/index';

const projection = 'skill_installation';
const table = 'skill_installations';

export const skillInstallationQueries: Readonly<Record<string, Query>> = {
  'skill_installation.get': { kind: 'get', projection, table, key: { installation_id: 'id' } },
  'skill_installation.list': {
    kind: 'list',
    projection,
    table,
    filters: {
      skill_id: { column: 'skill_id', op: 'eq' },
      install_scope: { column: 'install_scope', op: 'eq' },
      scope_id: { column: 'scope_id', op: 'eq' },
      status: { column: 'status', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
