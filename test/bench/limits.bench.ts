import { readFileSync } from 'node:fs';
import { type DatabasePool, sql } from 'slonik';
import { createEventLog, type EventLog, openPool } from '@agent-platform/event-log/index';
import { allStatuses } from '@agent-platform/runtime/read-models';
import { result } from './emit.ts';
import { inLanes } from './lanes.ts';
import { defineWorkflow, sequence, type Workload } from './runs.bench.ts';

/** No deadline, as a number that timers can hold. */
const anHour = (): number => performance.now() + 3_600_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs of 10 steps for a minute (times the scale), 50 at a time; then how long the read models need to reach the head of the log. */
export async function keepUp({ client, scale }: Workload, databaseUrl: string): Promise<void> {
  const version = await defineWorkflow(client, 'keep-up', sequence(10));
  const seconds = 60 * scale;
  const begin = performance.now();
  const done = await inLanes(Number.MAX_SAFE_INTEGER, 50, begin + seconds * 1000, async () => {
    const { id } = await client.command('run.create', { workflow_version_id: version });
    await client.completed(id);
  });
  const stopped = performance.now();
  const pool = await openPool(databaseUrl, { connections: 2 });
  const log = await createEventLog({ pool });
  const lag = await behind(pool, log);
  await caughtUp(pool, log);
  result('keep-up', 'steps', (done * 10) / ((stopped - begin) / 1000), 'steps/s');
  result('keep-up', 'lag_at_end', lag, 'events');
  result('keep-up', 'drain', (performance.now() - stopped) / 1000, 's');
  await log.close();
  await pool.end();
}

/** Events that the slowest read model has not applied yet. */
const behind = async (pool: DatabasePool, log: EventLog): Promise<number> =>
  (await log.head()) - Math.min(...(await allStatuses(pool)).map(({ position }) => position));

async function caughtUp(pool: DatabasePool, log: EventLog): Promise<void> {
  while ((await behind(pool, log)) > 0) await pause(10);
}

/** 100,000 runs (times the scale) that wait for a signal: what the executor holds in memory for them. */
export async function parkedMemory({ client, scale }: Workload, executorPid: number): Promise<void> {
  const version = await defineWorkflow(client, 'parked', { nodes: [{ id: 'wait', type: 'wait', config: { signal: 'go' } }], edges: [] });
  const total = Math.round(100_000 * scale);
  const before = residentMb(executorPid);
  const begin = performance.now();
  await inLanes(total, 100, anHour(), async () => void (await client.command('run.create', { workflow_version_id: version })));
  result('parked-memory', 'park', total / ((performance.now() - begin) / 1000), 'workflows/s');
  await pause(3000);
  result('parked-memory', 'executor_before', before, 'MB');
  result('parked-memory', 'executor_parked', residentMb(executorPid), 'MB');
}

const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Single appends in an empty log and after 1,000,000 events (times the scale). */
export async function longLog(databaseUrl: string, scale: number): Promise<void> {
  const pool = await openPool(databaseUrl, { connections: 4 });
  const log = await createEventLog({ pool });
  const append = async (id: string, n: number) => {
    const events = Array.from({ length: n }, (_, i) => ({ type: 'bench.filled', schema_version: 1, data: { i, text: 'x'.repeat(200) } }));
    await log.append({
      stream: { workspace_id: 'bench', category: 'bench', stream_id: id },
      expected: 0,
      events,
      cause: { actor: 'bench', correlation_id: 'bench' },
    });
  };
  const COUNT = 6000;
  const appends = (name: string) => inLanes(COUNT, 16, anHour(), (i) => append(`${name}-${i}`, 1));
  const rate = async (name: string) => {
    // What still follows earlier appends would count as slowness of these.
    await caughtUp(pool, log);
    await pool.query(sql.unsafe`checkpoint`);
    const begin = performance.now();
    await appends(name);
    return COUNT / ((performance.now() - begin) / 1000);
  };
  const median = async (name: string) => {
    const rates: number[] = [];
    for (let round = 1; round <= 5; round++) rates.push(await rate(`${name}-${round}`));
    rates.sort((a, b) => a - b);
    return rates[2] ?? 0;
  };
  await appends('warm');
  const short = await median('short');
  await inLanes(Math.round(10_000 * scale), 16, anHour(), (i) => append(`fill-${i}`, 100));
  const long = await median('long');
  result('long-log', 'append_short', short, 'appends/s');
  result('long-log', 'append_long', long, 'appends/s');
  result('long-log', 'long_to_short', long / short, 'ratio');
  await log.close();
  await pool.end();
}
