import { Failure } from '@agent-platform/kernel/index';

const FIRST_MS = 50;
const LONGEST_MS = 2000;

/** Exponential backoff with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), in milliseconds. */
export const backoffMs = (attempt: number): number => Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries again while the failure is transient, for at most `forMs`; then the last failure is thrown. */
export async function patiently<T>(work: () => Promise<T>, forMs = 60_000): Promise<T> {
  const begin = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const transient = error instanceof Failure && error.kind === 'transient';
      if (!transient || performance.now() - begin > forMs) throw error;
      await pause(backoffMs(attempt));
    }
  }
}
