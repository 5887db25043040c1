import { setTimeout as wait } from 'node:timers/promises';

const CHECK_MS = 2_000;

/** How a dependency is. */
export interface Check {
  readonly status: 'up' | 'down';
  readonly latency_ms: number;
  readonly message?: string;
}

/** One dependency, asked with a limit of time: a hanging one is a down one. */
export async function check(ask: () => Promise<unknown>): Promise<Check> {
  const started = performance.now();
  const over = new AbortController();
  try {
    await Promise.race([
      ask(),
      wait(CHECK_MS, undefined, { signal: over.signal }).then(() => {
        throw new Error(`No answer in ${CHECK_MS} ms.`);
      }),
    ]);
    return { status: 'up', latency_ms: since(started) };
  } catch (error) {
    return { status: 'down', latency_ms: since(started), message: error instanceof Error ? error.message : String(error) };
  } finally {
    over.abort();
  }
}

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;
