import { setTimeout as pause } from 'node:timers/promises';
import { backoff } from './outage.ts';
import { openSession, type Session } from './session.ts';

/** Both keys of the session lock that the active relay holds. */
const RELAY_LOCK = '7318, 1';
/** How often a standby asks for it. A question without waiting, so that a dead connection is noticed. */
const ASK_EVERY_MS = 150;

export interface RelayLock {
  /** Resolves when the connection that held the lock is gone: somebody else may be active from then on. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/**
 * Waits until no other relay is active, however long that takes; null when `signal` was aborted first. A relay that
 * dies loses the lock with its connection, and the standby has it at its next question. Two active relays would be harmless
 * (positions are unique), only slow. On PGlite, where all connections are one session, nobody is kept waiting.
 */
export async function takeRelayLock(url: string, signal: AbortSignal): Promise<RelayLock | null> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    const session = await openSession(url, 'relay-lock').catch(() => null);
    if (session && (await take(session, signal).catch(() => false))) {
      return {
        lost: session.ended,
        async close() {
          await session.ask(`select pg_advisory_unlock(${RELAY_LOCK})`).catch(() => undefined);
          await session.close();
        },
      };
    }
    await session?.close();
    if (!signal.aborted) await backoff(attempt);
  }
  return null;
}

/** True once the lock is ours, false when it is not wanted any more. Rejects when the session ends. */
async function take(session: Session, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if ((await session.ask(`select pg_try_advisory_lock(${RELAY_LOCK})`)) === true) return true;
    await pause(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
