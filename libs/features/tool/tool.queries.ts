import type { Query } from '@agent-platform/kernel/index';

const projection = 'tool';
const newestFirst = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const;
const ofTool = { tool_id: { column: 'tool_id', op: 'eq' } } as const;

export const toolQueries: Readonly<Record<string, Query>> = {
  'tool.get': { kind: 'get', projection, table: 'tools', key: { tool_id: 'id' } },
  'tool.list': {
    kind: 'list',
    projection,
    table: 'tools',
    filters: { q: { column: 'name', op: 'search' }, code: { column: 'code', op: 'eq' }, tool_type: { column: 'tool_type', op: 'eq' } },
    order: newestFirst,
  },
  'tool.version': { kind: 'get', projection, table: 'tool_versions', key: { tool_version_id: 'id' } },
  'tool.versions': {
    kind: 'list',
    projection,
    table: 'tool_versions',
    filters: ofTool,
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'number', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
  'tool.binding': { kind: 'get', projection, table: 'tool_bindings', key: { tool_binding_id: 'id' } },
  'tool.bindings': { kind: 'list', projection, table: 'tool_bindings', filters: ofTool, order: newestFirst },
};
