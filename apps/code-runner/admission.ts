import { Failure } from '@agent-platform/kernel/index';

/** Lets so many runs in at once and so many wait, first come first served. */
export interface Admission {
  /** Does the work when there is a place. Throws Failure('transient', 'code-runner-busy') when too many wait already. */
  admit<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  readonly running: () => number;
  readonly waiting: () => number;
}

export function createAdmission(concurrency: number, queue: number): Admission {
  const waiting: (() => void)[] = [];
  let running = 0;

  const place = (signal: AbortSignal): Promise<void> => {
    if (running < concurrency) {
      running++;
      return Promise.resolve();
    }
    if (waiting.length >= queue) {
      return Promise.reject(
        new Failure(
          'transient',
          'code-runner-busy',
          `${running} runs are under way and ${waiting.length} wait, which is all this code runner takes; try again shortly.`,
          {
            status: 429,
            retryAfterSeconds: 1,
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(new Failure('transient', 'code-aborted', 'The caller went away while its run waited.'));
      };
      waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  };

  return {
    running: () => running,
    waiting: () => waiting.length,
    async admit(work, signal) {
      await place(signal);
      try {
        return await work();
      } finally {
        // The place goes on to who waited longest, without ever being free.
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}
