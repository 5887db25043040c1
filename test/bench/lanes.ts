import { setTimeout as sleep } from 'node:timers/promises';

/** Runs work(0) to work(total - 1), at most `limit` at a time; starts nothing new after the deadline and waits 8 s more. */
export async function inLanes(total: number, limit: number, deadline: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  let finished = 0;
  const lane = async () => {
    while (next < total && performance.now() < deadline) {
      await work(next++);
      finished++;
    }
  };
  const giveUp = new AbortController();
  await Promise.race([
    Promise.all(Array.from({ length: Math.min(limit, total) }, lane)),
    sleep(Math.max(0, deadline + 8_000 - performance.now()), undefined, { signal: giveUp.signal }).catch(() => undefined),
  ]);
  giveUp.abort();
  return finished;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
