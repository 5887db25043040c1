import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'tool';
const byTime = newestFirst('created_at', 'id');
const ofTool = equal('tool_id');

export const toolQueries: Readonly<Record<string, Query>> = {
  'tool.get': { kind: 'get', projection, table: 'tools', key: { tool_id: 'id' } },
  'tool.list': {
    kind: 'list',
    projection,
    table: 'tools',
    filters: { ...equal('code', 'tool_type'), q: { column: 'name', op: 'search' } },
    order: byTime,
  },
  'tool.version': { kind: 'get', projection, table: 'tool_versions', key: { tool_version_id: 'id' } },
  'tool.versions': {
    kind: 'list',
    projection,
    table: 'tool_versions',
    filters: ofTool,
    order: newestFirst('created_at', 'number', 'id'),
  },
  'tool.binding': { kind: 'get', projection, table: 'tool_bindings', key: { tool_binding_id: 'id' } },
  'tool.bindings': { kind: 'list', projection, table: 'tool_bindings', filters: ofTool, order: byTime },
};
