import { type Failure, FAILURES, toFailure } from '@agent-platform/kernel/failure';

/** What becomes of a message after it was handled. A handler returns it; a message is never settled by falling through. */
export type Settlement =
  /** Done, or nothing to do: never again. */
  | { readonly settle: 'ack' }
  /** Again, after a delay; absent: the back-off by number of deliveries. */
  | { readonly settle: 'retry'; readonly afterMs?: number; readonly failure?: Failure }
  /** Never again, and kept as a dead letter for a person to look at. */
  | { readonly settle: 'dead'; readonly failure: Failure }
  /** Never again, because it is not worth keeping: an input that was refused. */
  | { readonly settle: 'term'; readonly failure: Failure }
  /** Not settled now: comes again after the consumer's ack wait, if nobody settles it before. */
  | { readonly settle: 'working' };

export const settle = {
  ack: { settle: 'ack' },
  working: { settle: 'working' },
  retry: (afterMs?: number, failure?: Failure): Settlement => ({ settle: 'retry', ...(afterMs !== undefined && { afterMs }), ...(failure && { failure }) }),
  dead: (failure: Failure): Settlement => ({ settle: 'dead', failure }),
  term: (failure: Failure): Settlement => ({ settle: 'term', failure }),
} as const satisfies Record<string, Settlement | ((...args: never[]) => Settlement)>;

/** The settlement that the kind of a failure asks for, by the one table in the kernel. */
export function settlementOf(error: unknown): Settlement {
  const failure = toFailure(error);
  switch (FAILURES[failure.kind].settle) {
    case 'ack':
      return settle.ack;
    case 'term':
      return settle.term(failure);
    case 'nak':
      return settle.retry(failure.retryAfterSeconds === undefined ? undefined : failure.retryAfterSeconds * 1000, failure);
    case 'dead':
      return settle.dead(failure);
  }
}

export const isSettlement = (value: unknown): value is Settlement =>
  typeof value === 'object' && value !== null && 'settle' in value && ['ack', 'retry', 'dead', 'term', 'working'].includes(String(value.settle));

/** Milliseconds before delivery number `deliveries + 1`: doubling from a quarter of a second, at most a minute. */
export const backoffMs = (deliveries: number): number => Math.min(60_000, 250 * 2 ** Math.max(0, Math.min(20, deliveries - 1)));
