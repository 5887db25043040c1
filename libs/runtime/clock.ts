import type { EventLog } from '@agent-platform/event-log/event-log';

/** Postgres' clock, read from here. */
export interface Clock {
  /** ISO instant. */
  now(): string;
  close(): void;
}

/**
 * There is one clock, Postgres's. It is asked now and then; in between, its last answer goes on with the
 * process's monotonic clock, so a wall clock that jumps changes nothing.
 */
export async function createClock(log: Pick<EventLog, 'now'>, everyMs = 30_000): Promise<Clock> {
  let base = { at: Date.parse(await log.now()), monotonic: performance.now() };
  const timer = setInterval(() => {
    const asked = performance.now();
    log.now().then(
      (answer) => {
        const heard = performance.now();
        // The answer was true somewhere between question and hearing.
        base = { at: Date.parse(answer), monotonic: (asked + heard) / 2 };
      },
      () => undefined, // Postgres is away: the old base still serves, and whoever needs Postgres will say so.
    );
  }, everyMs);
  timer.unref();
  return {
    now: () => new Date(base.at + performance.now() - base.monotonic).toISOString(),
    close: () => clearInterval(timer),
  };
}
