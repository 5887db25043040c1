import { setTimeout as wait } from 'node:timers/promises';

const LIMIT_MS = 30_000;

/** Looks until the condition holds, for what has no signal to wait for (state inside the server). Throws after 30 s. */
export async function eventually<T>(look: () => Promise<T> | T, good: (value: T) => boolean = Boolean): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await look();
    if (good(value)) return value;
    if (Date.now() > end) throw new Error(`Still not so after ${LIMIT_MS} ms; last seen: ${JSON.stringify(value)}`);
    await wait(5);
  }
}
