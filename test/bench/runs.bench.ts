import { mark, result } from './emit.ts';
import type { Client } from './client.ts';
import { inLanes, percentile } from './lanes.ts';

export interface Workload {
  readonly client: Client;
  readonly scale: number;
  readonly maxSeconds: number;
}

const count = ({ scale }: Workload, n: number, least = 2): number => Math.max(least, Math.round(n * scale));
const deadline = ({ maxSeconds }: Workload, seconds: number): number => performance.now() + Math.min(seconds, maxSeconds) * 1000;
const sumBelow = (n: number): number => (n * (n - 1)) / 2;

interface Definition {
  readonly nodes: readonly object[];
  readonly edges: readonly object[];
}

const step = (i: number) => ({ id: `s${i}`, type: 'bench-step', config: { i } });
const SUM = { id: 'sum', type: 'bench-sum', config: {} };

/** Steps one after the other, then their sum. */
export const sequence = (steps: number): Definition => ({
  nodes: [...Array.from({ length: steps }, (_, i) => step(i)), SUM],
  edges: Array.from({ length: steps }, (_, i) => ({ source: `s${i}`, target: i + 1 < steps ? `s${i + 1}` : 'sum' })),
});

/** Steps side by side, joined by their sum. */
export const fanOut = (width: number): Definition => ({
  nodes: [...Array.from({ length: width }, (_, i) => step(i)), SUM],
  edges: Array.from({ length: width }, (_, i) => ({ source: `s${i}`, target: 'sum' })),
});

export async function defineWorkflow(client: Client, name: string, definition: Definition): Promise<string> {
  const { id: workflow_id } = await client.command('workflow.create', { name });
  const { id } = await client.command('workflow.create_version', { workflow_id, dsl_json: definition });
  return id;
}

async function runOnce(client: Client, workflow_version_id: string, sum: number): Promise<void> {
  const { id } = await client.command('run.create', { workflow_version_id });
  const { output_json } = (await client.completed(id)) as { output_json: { sum: number } };
  if (output_json.sum !== sum) throw new Error(`run ${id}: got ${output_json.sum}, not ${sum}`);
}

/** W1, W2 and W3: workflows of steps one after the other. */
export async function sequential(
  on: Workload,
  name: 'w1' | 'w2' | 'w3',
  shape: { total: number; steps: number; limit: number; warmUp: number; least: number },
): Promise<void> {
  const version = await defineWorkflow(on.client, name, sequence(shape.steps));
  const run = () => runOnce(on.client, version, sumBelow(shape.steps));
  await inLanes(count(on, shape.warmUp), shape.limit, deadline(on, 10), run);
  const total = count(on, shape.total, shape.least);
  const latencies: number[] = [];
  mark('start');
  const begin = performance.now();
  const done = await inLanes(total, shape.limit, deadline(on, 35), async () => {
    const at = performance.now();
    await run();
    latencies.push(performance.now() - at);
  });
  const seconds = (performance.now() - begin) / 1000;
  mark('end');
  latencies.sort((a, b) => a - b);
  if (name === 'w1') result(name, 'steps', (done * shape.steps) / seconds, 'steps/s');
  if (name !== 'w2') result(name, 'workflows', done / seconds, 'workflows/s');
  result(name, 'latency_p50', percentile(latencies, 0.5), 'ms');
  result(name, 'latency_p99', percentile(latencies, 0.99), 'ms');
  result(name, 'done', done / total, 'share');
}

/** W4: workflows of parallel steps and a join. */
export async function parallel(on: Workload): Promise<void> {
  const width = 100;
  const version = await defineWorkflow(on.client, 'w4', fanOut(width));
  const run = () => runOnce(on.client, version, sumBelow(width));
  await inLanes(2, 2, deadline(on, 10), run);
  const total = count(on, 20);
  mark('start');
  const begin = performance.now();
  const done = await inLanes(total, 20, deadline(on, 35), run);
  const seconds = (performance.now() - begin) / 1000;
  mark('end');
  result('w4', 'steps', (done * width) / seconds, 'steps/s');
  result('w4', 'done', done / total, 'share');
}

/** W6: workflows that wait for a signal; all are then signalled, and must end. */
export async function parked(on: Workload): Promise<void> {
  const { client } = on;
  const version = await defineWorkflow(client, 'w6', { nodes: [{ id: 'wait', type: 'wait', config: { signal: 'go' } }], edges: [] });
  const runs: string[] = [];
  const park = async (into: string[]) => void into.push((await client.command('run.create', { workflow_version_id: version })).id);
  const resume = (run_id: string) => client.command('run.signal', { run_id, name: 'go', payload_json: { value: 1 } });
  const warm: string[] = [];
  await Promise.all(Array.from({ length: 20 }, () => park(warm)));
  await pause(300);
  await Promise.all(warm.map(async (run) => (await resume(run), client.completed(run))));
  mark('idle');
  await pause(600);

  const total = count(on, 2000, 50);
  let begin = performance.now();
  const done = await inLanes(total, 50, deadline(on, 20), () => park(runs));
  result('w6', 'park', done / ((performance.now() - begin) / 1000), 'workflows/s');
  await pause(1500);
  mark('parked');
  await pause(600);

  mark('start');
  begin = performance.now();
  const until = deadline(on, 20);
  const ended = inLanes(done, done, until, async (i) => void (await client.completed(runs[i] ?? '')));
  await inLanes(done, 50, until, async (i) => void (await resume(runs[i] ?? '')));
  const finished = await ended;
  const seconds = (performance.now() - begin) / 1000;
  mark('end');
  result('w6', 'resume', finished / seconds, 'workflows/s');
  result('w6', 'done', finished / total, 'share');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
