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
  const row = {
    run_id: null,
    task_id: null,
    duration_ms: 2,
    node_id: null,
    skill_run_id: null,
    step_id: null,
    output_json: null,
    output_text: null,
    ...tool_calls?.[0],
  };
  expect(ToolCallView.parse(row)).toMatchObject({ status: 'failed' });
});

test('calls of runs are there too, one row per attempt; other nodes are not', () => {
  const node = { node_id: 'call', node_type: 'tool' };
  const request = { url: 'u', metadata: { tool: { id: 'tool-1' }, version: { id: 'version-1' }, binding: null } };
  const rows = rowsOfRun(
    { type: 'node.queued', data: { node_id: 'a', node_type: 'answer' } },
    { type: 'node.started', data: { node_id: 'a', node_type: 'answer', attempt: 1 } },
    { type: 'node.queued', data: node },
    { type: 'node.started', data: { ...node, attempt: 1, key: 'k', request } },
    { type: 'node.retry_scheduled', data: { ...node, attempt: 2, error: { code: 'http-unreachable', message: 'no' } } },
  );
  expect(rows()).toMatchObject([
    { id: 'run-1:call:1', status: 'failed', tool_id: 'tool-1', run_id: 'run-1', node_id: 'call', error: { code: 'http-unreachable' } },
    { id: 'run-1:call:2', status: 'selected', created_at: expect.anything() as unknown },
  ]);
  const all = rows(
    { type: 'node.started', data: { ...node, attempt: 2, key: 'k', request } },
    { type: 'node.completed', data: { ...node, attempt: 2, output_json: {}, output_text: 'x' } },
    { type: 'node.skipped', data: { ...node, node_id: 'other' } },
  );
  expect(all).toMatchObject([
    {},
    { id: 'run-1:call:2', status: 'completed', tool_version_id: 'version-1', output_text: 'x' },
    { id: 'run-1:other:0', status: 'skipped' },
  ]);
});

test('a call is selected until it is begun, and skipped when nobody approves it', () => {
  const node = { node_id: 'pay', node_type: 'tool', attempt: 1 };
  const started = (approved_by: string | null) => ({ type: 'node.started', data: { ...node, key: 'k', request: { url: 'u', approval: { approved_by } } } });
  const rows = rowsOfRun({ type: 'node.queued', data: { node_id: 'pay', node_type: 'tool' } });
  expect(rows()).toMatchObject([{ id: 'run-1:pay:1', status: 'selected', source: 'run' }]);
  const waiting = [started(null), { type: 'node.waiting', data: { ...node, wait: { for: 'human_task', detail: { task_id: 'task-1' } } } }];
  expect(rows(...waiting)).toMatchObject([{ status: 'selected', task_id: 'task-1', request: { url: 'u' } }]);
  expect(rows(...waiting)[0]).not.toHaveProperty('started_at');
  expect(rows(...waiting, started('ann'))).toMatchObject([{ status: 'running', task_id: 'task-1', started_at: expect.anything() as unknown }]);
  const error = { code: 'tool-not-approved', message: 'no' };
  expect(rows(...waiting, { type: 'node.failed', data: { ...node, error } })).toMatchObject([{ status: 'skipped', error }]);

  const call = { tool_id: 'tool-1', tool_version_id: 'version-1', tool_binding_id: null, key: 'k', request: { approval: { approved_by: null } } };
  const { tool_calls } = tablesOf(
    toolCallProjection,
    [
      { type: 'tool_call.created', data },
      { type: 'tool_call.started', data: call },
      { type: 'tool_call.asked', data: { task_id: 'task-1' } },
      { type: 'tool_call.skipped', data: { error } },
    ],
    { stream_id: 'call-1', category: 'tool_call' },
  );
  expect(tool_calls).toMatchObject([{ status: 'skipped', task_id: 'task-1', error }]);
});

test('calls of built-in tools name the tool and its input, with and without a request', () => {
  const node = { node_id: 'sum', node_type: 'tool', attempt: 1 };
  const asked = { builtin: 'email', input: { to: 'a@b.test' } };
  const rows = rowsOfRun(
    { type: 'node.queued', data: node },
    { type: 'node.queued', data: { ...node, node_id: 'mail' } },
    { type: 'node.started', data: node },
    { type: 'node.completed', data: { ...node, output_json: { builtin: 'calculator', input: { expression: '1' }, result: 1 }, output_text: '1' } },
    { type: 'node.started', data: { ...node, node_id: 'mail', request: asked } },
  );
  expect(rows()).toMatchObject([
    { id: 'run-1:sum:1', status: 'completed', builtin: 'calculator', input: { expression: '1' } },
    { id: 'run-1:mail:1', status: 'running', ...asked },
  ]);
});

test('calls of steps of skills are there too, until they end or their run does; other steps are not', () => {
  const at = { index: 0, step_id: 'pay' };
  const started = (more: object) => ({ type: 'skill_run.step_started', data: { ...at, kind: 'tool', key: 'k', request: { url: 'u' }, ...more } });
  const error = { code: 'http-unreachable', message: 'no' };
  const rows = (...more: readonly Told[]) => {
    const events = [
      { type: 'skill_run.step_started', data: { index: 0, step_id: 'prompt', kind: 'llm', key: 'k', request: {} } },
      { type: 'skill_run.step_completed', data: { index: 0, step_id: 'prompt', output_json: 1, output_text: null } },
      started({}),
      { type: 'skill_run.step_retry_scheduled', data: { ...at, attempt: 2, error } },
      ...more,
    ];
    return tablesOf(toolCallProjection, events, { stream_id: 'sr', category: 'skill_run' })['tool_calls'] ?? [];
  };
  const second = { ...at, attempt: 2 };
  const asked = [
    started({ ...second, request: { url: 'u', approval: { approved_by: null } } }),
    { type: 'skill_run.step_asked', data: { ...second, task_id: 't' } },
  ];
  const approved = started({ ...second, request: { url: 'u', approval: { approved_by: 'ann' } } });
  const first = { id: 'sr:pay:1', source: 'skill', skill_run_id: 'sr', step_id: 'pay', status: 'failed', error };
  expect(rows()).toMatchObject([first]);
  expect(rows(...asked)).toMatchObject([first, { id: 'sr:pay:2', status: 'selected', task_id: 't' }]);
  const done = { type: 'skill_run.step_completed', data: { ...second, output_json: 1, output_text: null } };
  expect(rows(...asked, approved, started({ ...second, recovered: 1 }), done)[1]).toMatchObject({
    status: 'completed',
    output_json: 1,
    created_at: rows(...asked)[1]?.['created_at'],
  });
  const over = (type: string, data: object) => rows(...asked, { type, data: { step: second, ...data } })[1];
  expect(over('skill_run.failed', { error })).toMatchObject({ status: 'failed', error, ended_at: expect.any(String) as string });
  expect(over('skill_run.failed', { error: { code: 'tool-not-approved', message: 'no' } })).toMatchObject({ status: 'skipped' });
  expect(over('skill_run.cancelled', { reason: 'enough' })).toMatchObject({ status: 'cancelled', error: { message: 'enough' } });
  // An older release did not name the step.
  expect(rows(...asked, { type: 'skill_run.cancelled', data: { reason: null } })[1]).toMatchObject({ status: 'selected' });
});

type Told = Parameters<typeof tablesOf>[1][number];

/** The rows of a run's calls after these events, and more. */
const rowsOfRun =
  (...events: readonly Told[]) =>
  (...more: readonly Told[]) =>
    tablesOf(toolCallProjection, [...events, ...more], { stream_id: 'run-1', category: 'run' })['tool_calls'] ?? [];
