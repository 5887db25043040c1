import { ToolCallView } from '@agent-platform/contracts/tool-call/tool-call.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { toolCallProjection } from './tool-call.projection.ts';

const data = { tool_id: 'tool-1', tool_binding_id: null, purpose: 'test', input: { a: 1 }, config: {}, timeout_seconds: 5 };
const used = { tool_id: 'tool-1', tool_version_id: 'version-1', tool_binding_id: null };

test('rows of calls have the fields of the view', () => {
  const { tool_calls } = tablesOf(
    toolCallProjection,
    [
      { type: 'tool_call.created', data },
      { type: 'tool_call.started', data: { ...used, key: 'k', request: { url: 'u' } } },
      { type: 'tool_call.failed', data: { error: { code: 'http-status', message: 'no' }, latency_ms: 2 } },
    ],
    { stream_id: 'call-1', category: 'tool_call' },
  );
  expect(tool_calls).toHaveLength(1);
  expect(tool_calls?.[0]).toMatchObject({ id: 'call-1', source: 'test', status: 'failed', tool_version_id: 'version-1', latency_ms: 2 });
  // Columns that no event has named are null in the table.
  const row = { run_id: null, duration_ms: 2, node_id: null, output_json: null, output_text: null, ...tool_calls?.[0] };
  expect(ToolCallView.parse(row)).toMatchObject({ status: 'failed' });
});

test('calls of runs are there too, one row per attempt; other nodes are not', () => {
  const node = { node_id: 'call', node_type: 'tool' };
  const request = { url: 'u', metadata: { tool: { id: 'tool-1' }, version: { id: 'version-1' }, binding: null } };
  const { tool_calls } = tablesOf(
    toolCallProjection,
    [
      { type: 'node.started', data: { node_id: 'a', node_type: 'answer', attempt: 1 } },
      { type: 'node.started', data: { ...node, attempt: 1, key: 'k', request } },
      { type: 'node.retry_scheduled', data: { ...node, attempt: 2, error: { code: 'http-unreachable', message: 'no' } } },
      { type: 'node.started', data: { ...node, attempt: 2, key: 'k', request } },
      { type: 'node.completed', data: { ...node, attempt: 2, output_json: {}, output_text: 'x' } },
      { type: 'node.skipped', data: { ...node, node_id: 'other' } },
    ],
    { stream_id: 'run-1', category: 'run' },
  );
  expect(tool_calls).toMatchObject([
    { id: 'run-1:call:1', status: 'failed', tool_id: 'tool-1', run_id: 'run-1', node_id: 'call', error: { code: 'http-unreachable' } },
    { id: 'run-1:call:2', status: 'completed', tool_version_id: 'version-1', output_text: 'x' },
    { id: 'run-1:other:0', status: 'skipped' },
  ]);
});

test('calls of built-in tools name the tool and its input, with and without a request', () => {
  const node = { node_id: 'sum', node_type: 'tool', attempt: 1 };
  const asked = { builtin: 'email', input: { to: 'a@b.test' } };
  const { tool_calls } = tablesOf(
    toolCallProjection,
    [
      { type: 'node.started', data: node },
      { type: 'node.completed', data: { ...node, output_json: { builtin: 'calculator', input: { expression: '1' }, result: 1 }, output_text: '1' } },
      { type: 'node.started', data: { ...node, node_id: 'mail', request: asked } },
    ],
    { stream_id: 'run-1', category: 'run' },
  );
  expect(tool_calls).toMatchObject([
    { id: 'run-1:sum:1', status: 'completed', builtin: 'calculator', input: { expression: '1' } },
    { id: 'run-1:mail:1', status: 'running', ...asked },
  ]);
});
