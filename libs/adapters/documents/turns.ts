import { Failure } from '@agent-platform/kernel/index';

/** Lets at most `atOnce` pieces of work run; the others wait in their order, or leave the queue when they are given up. */
export function createTurns(atOnce: number): <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(new Failure('transient', 'extract-aborted', 'The extraction was given up.'));
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        running += 1;
        resolve();
      };
      if (running < atOnce) return enter();
      waiting.push(enter);
      return signal.addEventListener('abort', leave, { once: true });
    });
  return async (signal, work) => {
    await turn(signal);
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
