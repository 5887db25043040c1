import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

let platform: TestPlatform;
let user: User;

beforeAll(async () => {
  platform = await startTestPlatform();
  user = await createUser(platform);
});
afterAll(async () => {
  await user.close();
  await platform.close();
});

const ask = { id: 'ask', type: 'human', config: { title: 'Go on?' } };
const wait = { id: 'wait', type: 'wait', config: { signal: 'paid' } };
const say = (template: string) => ({ id: 'say', type: 'answer', config: { template } });

test('a cancelled run takes its open task with it, and nothing further starts', async () => {
  const runId = await user.accepted('run.create', { workflow_id: await user.publish([ask, say('no')], [['ask', 'say']]) });
  const { data } = await user.event(runId, 'node.waiting');
  const taskId = (data['wait'] as { detail: { task_id: string } }).detail.task_id;
  await user.event(taskId, 'human_task.created');
  const answer = await user.api.post(`/runtime/runs/${runId}/cancel`, { reason: 'customer withdrew' });
  expect(answer.body).toMatchObject({ id: runId, status: 'cancelled' });
  const cancelled = await user.event(taskId, 'human_task.cancelled');
  const task = await user.api.get(`/human/tasks/${taskId}?read_after=${cancelled.id}`);
  expect(task.body.status).toBe('cancelled');
  const { run, nodes } = await user.read(runId, cancelled);
  expect(run.status).toBe('cancelled');
  expect(nodes['ask']).toMatchObject({ status: 'cancelled', ended_at: expect.any(String) as string });
  expect(nodes['say']).toBeUndefined();
  // Cancelling again is no wish that could be refused: it is so already.
  expect(await user.command('run.cancel', { run_id: runId })).toMatchObject({ ok: true, log: { event_id: null } });
});

test('a held run waits for its start', async () => {
  const workflow_id = await user.publish([say('Hello {{ input.name }}')]);
  const runId = await user.accepted('run.create', { workflow_id, start: false, input: { name: 'Ada' } });
  const created = await user.event(runId, 'run.created');
  expect((await user.read(runId, created)).run.status).toBe('created');
  await user.accepted('run.start', { run_id: runId });
  const { run } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run.output_text).toBe('Hello Ada');
  expect(user.seen(runId).map(({ type }) => type)).toEqual(expect.arrayContaining(['run.created', 'run.started', 'run.completed']));
});

test('a signal brings its payload to the node that waits for it', async () => {
  const runId = await user.accepted('run.create', { workflow_id: await user.publish([wait, say('{{ nodes.wait.output.amount }} EUR')], [['wait', 'say']]) });
  await user.event(runId, 'node.waiting');
  expect(await user.command('run.signal', { run_id: runId, name: 'other', payload_json: { amount: 1 } })).toMatchObject({ ok: true });
  expect((await user.api.post(`/runtime/runs/${runId}/signal`, { name: 'paid', payload_json: { amount: 12 } })).status).toBe(200);
  const { run } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run.output_text).toBe('12 EUR');
});

test('a signal that comes early is kept', async () => {
  const workflow_id = await user.publish([wait, say('{{ nodes.wait.output.amount }}')], [['wait', 'say']]);
  const runId = await user.accepted('run.create', { workflow_id, start: false });
  await user.accepted('run.signal', { run_id: runId, name: 'paid', payload_json: { amount: 5 } });
  await user.accepted('run.start', { run_id: runId });
  expect((await user.read(runId, await user.event(runId, 'run.completed'))).run.output_text).toBe('5');
});

test('a run is replayed on subjects of its own, event by event', async () => {
  const runId = await user.accepted('run.create', { workflow_id: await user.publish([say('Hello')]) });
  await user.event(runId, 'run.completed');
  const replayId = `replay-${randomUUID().slice(0, 8)}`;
  const replayed: string[] = [];
  const subscription = user.nats.subscribe(`replay.${replayId}.>`);
  await user.nats.flush();
  const answer = await user.api.post('/replays', { category: 'run', stream_id: runId, replay_id: replayId });
  expect(answer.status).toBe(202);
  for await (const message of subscription) {
    replayed.push(message.json<{ id: string }>().id);
    if (replayed.length === answer.body.count) break;
  }
  expect(replayed).toEqual(user.seen(runId).map(({ id }) => id));
});
