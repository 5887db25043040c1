import { sql } from 'slonik';
import { z } from 'zod';
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

const NODES = 300;
const Snapshot = z.object({ version: z.number() });

/** A run of more than 600 events that waits for a signal in the middle. */
async function parkedRun(): Promise<{ runId: string; version: number }> {
  const steps = Array.from({ length: NODES }, (_, n) => ({ id: `n${n}`, type: 'assigner', config: { assignments: { [`v${n}`]: String(n) } } }));
  const wait = { id: 'wait', type: 'wait', config: { signal: 'paid' } };
  const say = { id: 'say', type: 'answer', config: { template: '{{ state.v7 }} {{ nodes.wait.output.amount }}' } };
  const order = [...steps.map(({ id }) => id), 'wait', 'say'];
  const workflow_id = await user.publish(
    [...steps, wait, say],
    order.slice(1).map((id, index) => [order[index] ?? '', id]),
  );
  const runId = await user.accepted('run.create', { workflow_id });
  const { version } = await user.event(runId, 'node.waiting');
  return { runId, version };
}

const snapshotOf = (runId: string) =>
  platform.base.pool.maybeOne(sql.type(Snapshot)`select version::float8 as version from event_log.snapshots where stream_id = ${runId}`);

test('a long run that waits leaves a snapshot, and goes on from it', async () => {
  const { runId, version } = await parkedRun();
  expect(version).toBeGreaterThan(2 * NODES);
  await expect.poll(() => snapshotOf(runId)).toEqual({ version });
  await user.accepted('run.signal', { run_id: runId, name: 'paid', payload_json: { amount: 12 } });
  const { run } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run).toMatchObject({ status: 'completed', output_text: '7 12' });
});

test('without its snapshot it goes on all the same, and every state of its past is still that of its events', async () => {
  const { runId, version } = await parkedRun();
  await expect.poll(() => snapshotOf(runId)).toEqual({ version });
  const past = await user.api.get(`/streams/run/${runId}/state?at=${version}`);
  await platform.base.pool.query(sql.unsafe`truncate event_log.snapshots`);
  await user.accepted('run.signal', { run_id: runId, name: 'paid', payload_json: { amount: 12 } });
  const { run } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run).toMatchObject({ status: 'completed', output_text: '7 12' });
  expect((await user.api.get(`/streams/run/${runId}/state?at=${version}`)).body).toEqual(past.body);
  expect(past).toMatchObject({ status: 200, body: { version } });
});
