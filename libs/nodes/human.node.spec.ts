import { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import { expect, test } from 'vitest';
import { humanNode } from './human.node.ts';
import { runEffect } from './testing/effect-run.ts';

const config = { kind: 'approval', title: 'Refund {{input.amount}}?', assignee: 'ops-1', payload: { amount: '{{input.amount}}' }, due_in_seconds: 3600 };

test('a task is asked for, once however often, and the node waits for it', async () => {
  const first = await runEffect(humanNode, config, { input: { amount: 99 } });
  const again = await runEffect(humanNode, config, { input: { amount: 99 } });
  const [command] = first.commands;
  expect(again.commands).toEqual([command]);
  expect(command).toMatchObject({
    type: 'human_task.create',
    workspaceId: 'acme',
    data: {
      kind: 'approval',
      title: 'Refund 99?',
      assignee: 'ops-1',
      payload_json: { amount: 99 },
      run_id: 'run-1',
      node_run_id: 'run-1:here:1',
      due_at: '2030-01-01T01:00:00.000Z',
    },
  });
  expect(humanTaskContract.commands['human_task.create'].data.safeParse(command?.data).error).toBeUndefined();
  expect(first.outcome).toEqual({
    status: 'waiting',
    wait: { for: 'human_task', detail: { task_id: (command?.data as { task_id?: string } | undefined)?.task_id }, due_at: '2030-01-01T01:00:00.000Z' },
  });
});

test('another attempt asks anew: a task answers the attempt that asked for it', async () => {
  const commands = [];
  for (const attempt of [1, 2]) commands.push(...(await runEffect(humanNode, config, { current: { node_id: 'here', attempt } })).commands);
  expect(new Set(commands.map(({ commandId }) => commandId)).size).toBe(2);
  expect(new Set(commands.map(({ data }) => (data as { task_id: string }).task_id)).size).toBe(2);
});

test('the answer is the output; a no needs an edge of its own', async () => {
  const { request } = await runEffect(humanNode, { title: 'Sure?' });
  if (!request) throw new Error('no request');
  expect(humanNode.resume?.(request, { status: 'approved', response_payload_json: { note: 'ok' }, completed_by: 'ops-1' })).toEqual({
    status: 'completed',
    output_json: { note: 'ok', status: 'approved', completed_by: 'ops-1' },
    output_text: null,
    route: 'approved',
  });
  expect(humanNode.resume?.(request, { status: 'rejected', completed_by: 'ops-1' })).toMatchObject({
    route: 'rejected',
    fail_without_route: { code: 'human-task-rejected', message: 'The task was rejected by ops-1.' },
  });
  expect(humanNode.resume?.(request, { timed_out: true })).toMatchObject({ route: 'timed_out', fail_without_route: { code: 'human-task-overdue' } });
  expect(humanNode.resume?.(request, { status: 'maybe' })).toMatchObject({ status: 'failed', error: { code: 'resume-invalid' } });
});

test('only the known kinds', () => {
  for (const kind of ['approval', 'input', 'takeover', 'pause', 'resume']) expect(humanNode.config.safeParse({ kind, title: 'a' }).success).toBe(true);
  expect(humanNode.config.safeParse({ kind: 'chat', title: 'a' }).success).toBe(false);
});
