import { setTimeout as pause } from 'node:timers/promises';

/** A process that runs, however it was started. */
export interface Living {
  readonly pid: number;
  /** Settles with the exit code (128 + n for a signal). Never rejects. */
  readonly exited: Promise<number>;
  /** Ends it, or cleans up behind it when it has ended already. */
  stop(): Promise<void>;
}

/** Hears what happens to a kept process. */
export interface KeepEvents {
  readonly onEnded?: (name: string, pid: number, code: number) => void;
  readonly onStarted?: (name: string, pid: number) => void;
  /** It could not be started again; it will be tried after a while. */
  readonly onFailed?: (name: string, error: unknown) => void;
}

/** A process that is started again whenever it ends. */
export interface Kept<T extends Living> {
  readonly name: string;
  /** The newest of its lives. */
  current(): T;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** Whoever lived that long did not fail at its start: the next restart comes at once. */
const SOUND_MS = 10_000;

/**
 * Starts a process and starts it again when it dies: at once after a sound life, later and later (0.2 s to 10 s)
 * when it keeps dying young. Rejects when the first start fails; later failures are only told.
 */
export async function keepRunning<T extends Living>(name: string, start: (previous: T | null) => Promise<T>, events: KeepEvents = {}): Promise<Kept<T>> {
  const stopping = new AbortController();
  const ended = new Promise<'stopping'>((resolve) => stopping.signal.addEventListener('abort', () => resolve('stopping'), { once: true }));
  let current = await start(null);
  let youngDeaths = 0;

  async function again(): Promise<void> {
    for (;;) {
      if (youngDeaths > 0) {
        const delay = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (youngDeaths - 1));
        await pause(delay, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
      youngDeaths += 1;
      if (stopping.signal.aborted) return;
      try {
        current = await start(current);
        events.onStarted?.(name, current.pid);
        return;
      } catch (error) {
        events.onFailed?.(name, error);
      }
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      const started = performance.now();
      const code = await Promise.race([current.exited, ended]);
      if (code === 'stopping' || stopping.signal.aborted) return;
      events.onEnded?.(name, current.pid, code);
      if (performance.now() - started > SOUND_MS) youngDeaths = 0;
      await current.stop();
      await again();
    }
  }

  const watching = watch();
  return {
    name,
    current: () => current,
    async stop() {
      stopping.abort();
      await watching;
      await current.stop();
    },
  };
}
