import { ToolBindingView, ToolVersionView, ToolView } from '@agent-platform/contracts/tool/tool.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { toolProjection } from './tool.projection.ts';

const history = [
  { type: 'tool.created', data: { code: 'search', name: 'Search', tool_type: 'http', description: null } },
  {
    type: 'tool.version_created',
    data: {
      version_id: 'v1',
      number: 1,
      input_schema_json: { query: { type: 'string' } },
      output_schema_json: { type: 'array' },
      invoke_config_json: { method: 'GET' },
    },
  },
  { type: 'tool.binding_created', data: { binding_id: 'b1', version_id: null, name: 'shop', config_json: { base_url: 'https://shop.example' } } },
  { type: 'tool.updated', data: { name: 'New' } },
];

test('rows have the fields of the views', () => {
  const { tools, tool_versions, tool_bindings } = tablesOf(toolProjection, history, { stream_id: 'tool-1' });
  expect(ToolView.parse(tools?.[0])).toMatchObject({ id: 'tool-1', name: 'New', latest_version_id: 'v1', latest_number: 1, version: 4 });
  expect(ToolVersionView.parse(tool_versions?.[0])).toMatchObject({
    id: 'v1',
    tool_id: 'tool-1',
    invoke_config_json: { method: 'GET' },
    check_output: true,
    version: 2,
  });
  expect(ToolBindingView.parse(tool_bindings?.[0])).toMatchObject({ id: 'b1', tool_id: 'tool-1', tool_version_id: null, name: 'shop', version: 3 });
});

test('a deleted tool is gone', () => {
  const { tools, tool_bindings } = tablesOf(toolProjection, [...history, { type: 'tool.deleted', data: {} }]);
  expect(tools).toEqual([]);
  expect(tool_bindings).toHaveLength(1);
});
