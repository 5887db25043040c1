import { Client } from 'pg';
import { backoff } from './outage.ts';

/** Both keys of the session lock that the active relay holds. */
const RELAY_LOCK = [7318, 1] as const;

export interface RelayLock {
  /** Resolves when the connection that held the lock is gone: somebody else may be active from then on. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/**
 * Waits until no other relay is active, however long that takes; null when `signal` was aborted first. A relay that
 * dies loses the lock with its connection, and the standby has it at once. Two active relays would be harmless
 * (positions are unique), only slow. On PGlite, where all connections are one session, nobody is kept waiting.
 */
export async function takeRelayLock(url: string, signal: AbortSignal): Promise<RelayLock | null> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    const client = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000, application_name: 'relay-lock' });
    const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
    client.on('error', () => undefined);
    const stop = () => void client.end();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await client.connect();
      await client.query('select pg_advisory_lock($1::int, $2::int)', [...RELAY_LOCK]);
      return {
        lost,
        async close() {
          await client.query('select pg_advisory_unlock($1::int, $2::int)', [...RELAY_LOCK]).catch(() => undefined);
          await client.end().catch(() => undefined);
        },
      };
    } catch {
      await client.end().catch(() => undefined);
      if (!signal.aborted) await backoff(attempt);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
  return null;
}
