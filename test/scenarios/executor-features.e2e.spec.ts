import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runAp } from '@agent-platform/app-cli/testing/run-ap';
import { listDeadLetters } from '@agent-platform/messaging/dead-letters';
import { messagingHealth } from '@agent-platform/messaging/lag';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

/** Executors as processes of their own, each with its choice of features; the other roles are in this one. */
let platform: TestPlatform;
let user: User;
const folder = mkdtempSync(path.join(tmpdir(), 'executor-features-'));
const running = new Set<RoleProcess>();
/** Tasks whose timer has fired. */
const fired: string[] = [];

function start(name: string, features: string): RoleProcess {
  const env = {
    AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl,
    AGENT_PLATFORM_NATS_URL: platform.natsUrl,
    AGENT_PLATFORM_WORKER_KEY: name,
    AGENT_PLATFORM_FEATURES: features,
    AGENT_PLATFORM_LEASE_SECONDS: '2',
    AGENT_PLATFORM_LOG_LEVEL: 'info',
  };
  const process = startProcess('apps/executor/main.ts', env, path.join(folder, `${name}.log`));
  running.add(process);
  return process;
}

async function started(name: string, features: string): Promise<RoleProcess> {
  const process = start(name, features);
  await process.ready;
  return process;
}

async function kill(process: RoleProcess): Promise<void> {
  process.signal('SIGKILL');
  await process.exited;
  running.delete(process);
}

beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.stop('executor');
  user = await createUser(platform);
  user.nats.subscribe(`evt.${user.workspace}.job.>`, {
    callback: (_error, message) => void fired.push(message.json<{ data: { target: { stream_id: string } } }>().data.target.stream_id),
  });
});
afterEach(() => Promise.all([...running].map(kill)));
afterAll(async () => {
  await user.close();
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

const executorHealth = async () => {
  const { body } = await user.api.get('/services/health');
  return { status: body.status, executor: body.services.find(({ name }: { name: string }) => name === 'executor') };
};
const byWhom = (streamId: string) => Object.fromEntries(user.seen(streamId).map(({ type, actor }) => [type, actor]));
const greet = () => user.publish([{ id: 'say', type: 'answer', config: { template: 'Hello' } }]);

/** A run that asks a person, who does not answer within a second. */
async function overdueRun(): Promise<{ runId: string; taskId: string }> {
  const workflow_id = await user.publish(
    [
      { id: 'ask', type: 'human', config: { title: 'Go on?', due_in_seconds: 1 } },
      { id: 'say', type: 'answer', config: { template: 'Nobody answered' } },
    ],
    [{ source: 'ask', target: 'say', condition: 'timed_out' }],
  );
  const runId = await user.accepted('run.create', { workflow_id });
  const { data } = await user.event(runId, 'node.waiting');
  return { runId, taskId: (data['wait'] as { detail: { task_id: string } }).detail.task_id };
}

/** Waits until the timer of a task has fired. */
const due = async (taskId: string): Promise<void> => {
  await expect.poll(() => fired).toContain(taskId);
};

test('a name that is none ends the start at once, with the names that there are', async () => {
  const executor = start('wrong', 'run,runs');
  expect(await executor.exited).toBe('78');
  running.delete(executor);
  expect(readFileSync(path.join(folder, 'wrong.log'), 'utf8')).toMatch(
    /AGENT_PLATFORM_FEATURES: "runs": nothing for an executor to do; there are run, human_task/,
  );
});

test('each executor works on its own; what nobody serves waits, is told, and is done by whoever comes', async () => {
  const runs = await started('runs', 'run');
  const { runId, taskId } = await overdueRun();
  // The run has a timer of its own and goes on; that the task has expired is for those to say who serves tasks.
  await user.event(runId, 'run.completed');
  await due(taskId);
  expect(user.seen(taskId).map(({ type }) => type)).toEqual(['human_task.created']);
  await expect.poll(executorHealth).toMatchObject({
    status: 'degraded',
    executor: { status: 'up', instances: 1, areas: ['run'], unserved: expect.arrayContaining(['human_task']) },
  });

  const tasks = await started('tasks', 'human_task');
  await user.event(taskId, 'human_task.expired');
  expect(byWhom(taskId)).toEqual({ 'human_task.created': 'executor:runs', 'human_task.expired': 'executor:tasks' });
  expect(byWhom(runId)).toMatchObject({ 'node.waiting': 'executor:runs', 'node.completed': 'executor:runs', 'run.completed': 'executor:runs' });
  const served = async () => {
    const { executor } = await executorHealth();
    return Object.fromEntries(executor.processes.map(({ pid, areas }: { pid: number; areas: string[] }) => [pid, areas]));
  };
  await expect.poll(served).toEqual({ [runs.pid]: ['run'], [tasks.pid]: ['human_task'] });
  const doctor = async () => (await runAp(['doctor', '--url', platform.url, '--nats', platform.natsUrl])).stdout;
  await expect.poll(doctor).toMatch(new RegExp(`^(?=[^]*/${runs.pid} serves run)(?=[^]*/${tasks.pid} serves human_task)`));
});

test('an executor leaves the runs of a dead one to those that may work on them', async () => {
  const runs = await started('runs-1', 'run');
  await started('tasks-1', 'human_task');
  const { runId, taskId } = await overdueRun();
  await kill(runs);
  const waiting = await user.accepted('run.create', { workflow_id: await greet() });
  await user.event(taskId, 'human_task.expired');
  await user.event(waiting, 'node.queued');
  // It has done what is its own, and nothing of a run.
  expect(user.seen(waiting).map(({ type }) => type)).toEqual(['run.created', 'node.queued']);
  expect(user.seen(runId).at(-1)?.type).toBe('node.waiting');

  await started('runs-2', 'run');
  await started('both', 'human_task,run');
  for (const id of [runId, waiting]) await user.event(id, 'run.completed');
});

test('executors whose choices overlap share the work: one consumer for each feature, nothing twice, nothing left over', async () => {
  await started('x', 'run');
  await started('y', 'run, human_task');
  await started('z', '');
  const workflow_id = await greet();
  const ids = await Promise.all(Array.from({ length: 40 }, () => user.accepted('run.create', { workflow_id, run_id: randomUUID() })));
  for (const id of ids) await user.event(id, 'run.completed');
  const { taskId } = await overdueRun();
  await user.event(taskId, 'human_task.expired');
  for (const id of ids)
    expect(user.seen(id).map(({ type }) => type)).toEqual(['run.created', 'node.queued', 'node.started', 'node.completed', 'run.completed']);
  const settled = async () => {
    const { consumers } = await messagingHealth(platform.base.nats);
    const ours = consumers.filter(({ consumer, stream }) => stream === 'EVT' && consumer.startsWith('executor'));
    return Object.fromEntries(ours.map(({ consumer, pending, unsettled }) => [consumer, pending + unsettled]));
  };
  await expect.poll(settled).toMatchObject({ 'executor-human_task': 0, 'executor-run': 0 });
  const durables = platform.base.features.categories.map((name) => `executor-${name}`);
  for (const consumer of Object.keys(await settled())) expect(durables).toContain(consumer);
  expect(await listDeadLetters(platform.base.nats)).toEqual([]);
  await expect.poll(executorHealth).toMatchObject({ executor: { instances: 3 } });
});
