import type { Guest } from './guest.process.ts';

/** Guests that are started before they are needed. Each serves once. */
export interface GuestPool {
  /** A waiting guest, or a new one when none waits; another is started in its place. */
  take(): Guest;
  /** Resolves when as many wait as should. */
  filled(): Promise<void>;
  close(): Promise<void>;
}

/** A guest that dies while it waits is replaced with the next `take`, not before: what fails at once would fail for ever. */
export function createGuestPool(start: () => Guest, size: number): GuestPool {
  let waiting: Guest[] = [];
  let closed = false;
  const fill = () => {
    waiting = waiting.filter((guest) => guest.alive());
    while (!closed && waiting.length < size) waiting.push(start());
  };
  fill();
  return {
    take() {
      fill();
      const guest = waiting.shift() ?? start();
      // After the caller handed over its task: starting a process holds this one up.
      setImmediate(fill);
      return guest;
    },
    async filled() {
      await Promise.all(waiting.map((guest) => guest.ready));
    },
    async close() {
      closed = true;
      await Promise.all(waiting.splice(0).map((guest) => guest.kill()));
    },
  };
}
