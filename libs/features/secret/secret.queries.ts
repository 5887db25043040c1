import type { Query } from '@agent-platform/kernel/index';

const projection = 'secret';
const table = 'secrets';

export const secretQueries: Readonly<Record<string, Query>> = {
  'secret.get': { kind: 'get', projection, table, key: { name: 'name' } },
  'secret.list': {
    kind: 'list',
    projection,
    table,
    filters: { q: { column: 'name', op: 'search' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'name', direction: 'desc' },
    ],
  },
};
