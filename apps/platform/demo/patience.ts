import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_MS = 60_000;
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The other side is away for the moment: the same may be asked again. */
export class Away extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'Away';
  }
}

/** Calls `attempt` again while it throws `Away`, for at most a minute: any process of the platform may be starting anew. */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LONGEST_MS;
  for (let delay = SHORTEST_PAUSE_MS; ; delay = Math.min(LONGEST_PAUSE_MS, delay * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Away) || performance.now() > deadline) throw error;
      await pause(delay);
    }
  }
}
