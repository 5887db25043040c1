import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'app';

export const appQueries: Readonly<Record<string, Query>> = {
  'app.get': { kind: 'get', projection, table: 'apps', key: { app_id: 'id' } },
  'app.list': {
    kind: 'list',
    projection,
    table: 'apps',
    filters: { ...equal('code'), q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
  'app.version': { kind: 'get', projection, table: 'app_versions', key: { app_version_id: 'id' } },
  'app.versions': {
    kind: 'list',
    projection,
    table: 'app_versions',
    filters: equal('app_id'),
    order: newestFirst('created_at', 'number', 'id'),
  },
};
