import type { Query } from '@agent-platform/kernel/index';

const projection = 'app';

export const appQueries: Readonly<Record<string, Query>> = {
  'app.get': { kind: 'get', projection, table: 'apps', key: { app_id: 'id' } },
  'app.list': {
    kind: 'list',
    projection,
    table: 'apps',
    filters: { q: { column: 'name', op: 'search' }, code: { column: 'code', op: 'eq' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
  'app.version': { kind: 'get', projection, table: 'app_versions', key: { app_version_id: 'id' } },
  'app.versions': {
    kind: 'list',
    projection,
    table: 'app_versions',
    filters: { app_id: { column: 'app_id', op: 'eq' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'number', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
