import { newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'secret';
const table = 'secrets';

export const secretQueries: Readonly<Record<string, Query>> = {
  'secret.get': { kind: 'get', projection, table, key: { name: 'name' } },
  'secret.list': {
    kind: 'list',
    projection,
    table,
    filters: { q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'name'),
  },
};
