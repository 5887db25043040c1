import { newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'tool_import';
const table = 'tool_imports';

export const toolImportQueries: Readonly<Record<string, Query>> = {
  'tool_import.get': { kind: 'get', projection, table, key: { tool_import_id: 'id' } },
  'tool_import.list': {
    kind: 'list',
    projection,
    table,
    filters: {},
    order: newestFirst('created_at', 'id'),
  },
};
