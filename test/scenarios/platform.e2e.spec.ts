import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPlatform } from '@agent-platform/app-platform/platform';
import { openPool } from '@agent-platform/event-log/index';
import { sql } from 'slonik';
import { expect, test } from 'vitest';
import { createUser } from '../support/user.ts';

test('a platform with every role in a process of its own loses all of them and goes on; a later start goes on with its data', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'platform-'));
  const restarted = new Map<string, PromiseWithResolvers<void>>();
  const tell = (line: string): void => restarted.get(/^(\S+) runs again/.exec(line)?.[1] ?? '')?.resolve();
  const first = await startPlatform({ dataDir, port: 0, processes: true, tell });
  const user = await createUser(first);
  const workflow_id = await user.publish(
    [
      { id: 'ask', type: 'human', config: { title: 'Go on?' } },
      { id: 'say', type: 'answer', config: { template: 'Hello {{ input.name }}' } },
    ],
    [['ask', 'say']],
  );
  const run_id = await user.accepted('run.create', { workflow_id, input: { name: 'Ada' } });
  const { data } = await user.event(run_id, 'node.waiting');
  const task_id = (data['wait'] as { detail: { task_id: string } }).detail.task_id;
  await user.event(task_id, 'human_task.created');
  await user.close();

  const pids = Object.entries(first.pids());
  expect(pids.map(([name]) => name).toSorted()).toEqual([
    'PGlite',
    'code-runner',
    'commands',
    'executor',
    'gateway',
    'model-gateway',
    'nats-server',
    'projector',
    'relay',
    'scheduler',
  ]);
  for (const [name] of pids) restarted.set(name, Promise.withResolvers());
  for (const [, pid] of pids) process.kill(pid, 'SIGKILL');
  await Promise.all([...restarted.values()].map(({ promise }) => promise));
  // As if the code of the first start had had another shape of this read model.
  const pool = await openPool(first.databaseUrl);
  await pool.query(sql.unsafe`update read_models.projections set version = 0 where name = 'human_task'`);
  await pool.end();
  await first.close();

  const told: string[] = [];
  const second = await startPlatform({ dataDir, port: 0, tell: (line) => told.push(line) });
  expect(told).toContainEqual(expect.stringMatching(/^human_task: built anew from the log up to event \d+, version 0 to \d+$/));
  const api = `${second.url}/api/v1`;
  const headers = { 'x-workspace-id': user.workspace, 'content-type': 'application/json' };
  const answer = await fetch(`${api}/human/tasks/${task_id}/complete`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ status: 'approved', completed_by: 'sam' }),
  });
  expect(answer.status).toBe(200);
  // The stream ends with the run.
  const events = await (await fetch(`${api}/runtime/runs/${run_id}/events`, { headers })).text();
  expect(events).toContain('run.completed');
  expect(events).toContain('Hello Ada');
  await second.close();
  rmSync(dataDir, { recursive: true, force: true });
});
