import type { Logger } from './logger.ts';

/** Repeats a duty, with a pause between the end of one turn and the next; what it throws is logged. The result stops it. */
export function every(ms: number, duty: () => Promise<unknown>, logger: Logger): () => Promise<void> {
  let stopped = false;
  let wake: () => void = () => undefined;

  async function run(): Promise<void> {
    while (!stopped) {
      await duty().catch((error: unknown) => logger.warn({ error }, 'a periodic duty failed; it comes again'));
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return () => {
    stopped = true;
    wake();
    return running;
  };
}
