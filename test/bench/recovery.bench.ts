import { mark, result } from './emit.ts';
import { startRole, type RoleProcess } from './roles.ts';
import { defineWorkflow, type Workload } from './runs.bench.ts';
import { startWorld } from './world.ts';

const STEPS = 10;
const STEP_MS = 20;

/**
 * W7: workflows of steps of 20 ms, all in flight; the executor is killed once 40 % of the steps have ended, and
 * started again at once. The steps are calls of a world outside, which honours the idempotency key as payment
 * providers do: a call that is repeated after the crash joins the first one. What it counts is what really happened.
 */
export async function recovery(on: Workload, first: RoleProcess, executorEnv: NodeJS.ProcessEnv, worldPort: number): Promise<void> {
  const { client, scale, maxSeconds } = on;
  const total = Math.max(20, Math.round(200 * scale));
  const world = await startWorld(worldPort, STEP_MS);
  const step = (i: number) => ({ id: `s${i}`, type: 'tool', config: { url: `http://127.0.0.1:${worldPort}/step`, query: { i: String(i) } } });
  const version = await defineWorkflow(client, 'w7', {
    nodes: Array.from({ length: STEPS }, (_, i) => step(i)),
    edges: Array.from({ length: STEPS - 1 }, (_, i) => ({ source: `s${i}`, target: `s${i + 1}` })),
  });
  mark('start');
  const runs = await Promise.all(Array.from({ length: total }, async () => (await client.command('run.create', { workflow_version_id: version })).id));
  const ended = Promise.all(runs.map((run) => client.completed(run)));
  const until = performance.now() + maxSeconds * 500;
  while (world.ended() < 0.4 * total * STEPS && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 2));
  await first.kill();
  const atKill = world.ended();
  const restarted = performance.now();
  const second = startRole('executor', executorEnv);
  const done = await Promise.race([ended.then((all) => all.length), new Promise<number>((resolve) => setTimeout(() => resolve(0), maxSeconds * 1000))]);
  const seconds = (performance.now() - restarted) / 1000;
  await second;
  mark('end');
  const right = done === total && world.keys() === total * STEPS;
  result('w7', 'done', right ? 1 : done / total, 'share');
  result('w7', 'recovery', seconds, 's');
  result('w7', 'steps_done_at_kill', atKill, 'steps');
  result('w7', 'steps_started_twice', world.startedTwice(), 'steps');
  result('w7', 'steps_ended_twice', world.endedTwice(), 'steps');
  result('w7', 'calls_joined', world.joined(), 'calls');
  await world.close();
}
