import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@agent-platform/kernel/index';

/** SQLSTATE classes and codes, and socket codes, that say "ask again": nothing was wrong with the question. */
const RETRYABLE = /^(08|53|57P0[1-5]|57014|40001$|40P01$|55P03$|58030$|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;
const CONNECTION = /connection terminated|connection ended|timeout expired|timeout exceeded|not queryable|has been terminated|client is (destroyed|pending)/i;

const chain = function* (error: unknown): Generator<Error & { code?: unknown }> {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) yield at;
};

/**
 * True when the database was away, restarted, overloaded, or chose this transaction as a deadlock's victim.
 * slonik's errors keep the driver's error as their cause and say what they are by class only.
 */
export function isOutage(error: unknown): boolean {
  for (const link of chain(error)) {
    if (typeof link.code === 'string' && RETRYABLE.test(link.code)) return true;
    if (/^(Connection|BackendTerminated|StatementTimeout|StatementCancelled|IdleTransaction)/.test(link.constructor.name)) return true;
    if (CONNECTION.test(link.message)) return true;
  }
  return false;
}

/** SQLSTATE somewhere in the chain of causes. */
export function hasCode(error: unknown, code: string): boolean {
  for (const link of chain(error)) if (link.code === code) return true;
  return false;
}

const DISK_FULL = '53100';

/** True when Postgres has no room: nothing was written, and asking again at once would not help. */
export const isFull = (error: unknown): boolean => hasCode(error, DISK_FULL);

export const unavailable = (cause: unknown): Failure =>
  isFull(cause)
    ? new Failure('transient', 'storage-full', 'the disk of Postgres is full; nothing was written. Make room there, and ask again', {
        cause,
        retryAfterSeconds: 5,
      })
    : new Failure(
        'transient',
        'log-unavailable',
        'the event log does not answer; the outcome of a write in flight is unknown, ask again with the same command id',
        {
          cause,
          retryAfterSeconds: 1,
        },
      );

/** Wait before attempt `attempt` (from 1): 20 ms doubling to 1 s, with up to half of it random. */
export const backoff = (attempt: number): Promise<void> => {
  const most = Math.min(1000, 20 * 2 ** (attempt - 1));
  return delay(most / 2 + (Math.random() * most) / 2);
};

/** Repeats a question that changes nothing, or that may be asked twice, until `patienceMs` are over. */
export async function withPatience<T>(patienceMs: number, ask: () => Promise<T>): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (performance.now() >= until) throw unavailable(error);
      await backoff(attempt);
    }
  }
}

/** One try; an outage is told as Failure('transient'). */
export const orUnavailable = <T>(ask: () => Promise<T>): Promise<T> => withPatience(0, ask);
