import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { JsonObject } from '@agent-platform/contracts/kit/index';
import { toFailure } from '@agent-platform/kernel/index';
import { Bell } from './bell.ts';
import { crashPoint } from './crash-point.ts';
import type { HandleCommand } from './handle-command.ts';
import type { Logger } from './logger.ts';
import { liveSchema } from './read-models.ts';

const Due = z.object({
  workspace_id: z.string(),
  timer_id: z.string(),
  due_at: z.string(),
  target_category: z.string(),
  target_id: z.string(),
  payload: JsonObject,
});
const Next = z.object({ wait_ms: z.number().nullable() });

export interface Scheduler {
  stop(): Promise<void>;
}

const BATCH = 200;
/** Timers come into the table through the projector, so a nearer one may appear while we sleep. */
const LONGEST_SLEEP_MS = 250;

/**
 * The only clock: fires timers that are due by Postgres' time. Firing is a command whose stream is the timer itself,
 * so a timer that is fired twice (by two schedulers, or by one that died before it saw the row go) is due once.
 */
export function startScheduler(options: { pool: DatabasePool; commands: HandleCommand; logger: Logger }): Scheduler {
  const { pool, commands, logger } = options;
  const bell = new Bell();
  const fired = new Set<string>();
  let stopping = false;

  async function fire(timer: z.output<typeof Due>): Promise<void> {
    const { workspace_id, timer_id: job_id, due_at, target_category, target_id, payload } = timer;
    const id = `${workspace_id}/${job_id}`;
    if (fired.has(id)) return;
    try {
      const data = { job_id, due_at, target: { category: target_category, stream_id: target_id }, payload };
      await commands({ type: 'job.fire', workspace_id, data, cause: { actor: 'scheduler', correlation_id: job_id }, command_id: job_id });
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind !== 'conflict') throw failure;
    }
    crashPoint('scheduler.after-command');
    remember(id);
  }

  /** The row goes when the projector has seen job.due; until then it must not be fired again at every turn. */
  function remember(id: string): void {
    fired.add(id);
    const oldest = fired.values().next().value;
    if (fired.size > 10_000 && oldest !== undefined) fired.delete(oldest);
  }

  async function turn(): Promise<number> {
    const timers = sql.identifier([liveSchema('timers'), 'timers']);
    const known = sql.array([...fired], 'text');
    const due = await pool.any(sql.type(Due)`
      select workspace_id, timer_id, to_char(due_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as due_at, target_category, target_id, payload
      from ${timers} where due_at <= clock_timestamp() and not (workspace_id || '/' || timer_id = any (${known}))
      order by due_at limit ${BATCH}`);
    crashPoint('scheduler.after-read');
    await Promise.all(due.map(fire));
    if (due.length === BATCH) return 0;
    const next = await pool.one(sql.type(Next)`
      select (extract(epoch from min(due_at) - clock_timestamp()) * 1000)::float8 as wait_ms from ${timers} where due_at > clock_timestamp()`);
    return Math.max(0, Math.min(LONGEST_SLEEP_MS, next.wait_ms ?? LONGEST_SLEEP_MS));
  }

  async function run(): Promise<void> {
    while (!stopping) {
      try {
        await bell.waitAtMost(await turn());
      } catch (error) {
        logger.warn({ error }, 'the scheduler could not look; trying again');
        await bell.waitAtMost(500);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping = true;
      bell.ring();
      await running;
    },
  };
}
