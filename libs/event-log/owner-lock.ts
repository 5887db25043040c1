import { randomInt } from 'node:crypto';
import { Client } from 'pg';
import { backoff } from './outage.ts';

/** First key of the two-part session advisory lock; event_log.alive_owners() looks for it. */
const OWNER_CLASS = 7317;

/** Proof of life of one executor process: a session lock that Postgres drops when the process or its connection dies. */
export interface OwnerLock {
  /** Number to claim leases with; stays the same over reconnects. */
  readonly owner: number;
  /** False while the connection is away: others may take our leases then. */
  alive(): boolean;
  close(): Promise<void>;
}

/**
 * Takes the lock on a connection of its own (slonik's pool has no session to keep) and takes it again after
 * every reconnect. On PGlite all connections are one session, so there the lock lives until it is closed, and a
 * dead owner is noticed by the end of its lease only.
 */
export async function holdOwnerLock(url: string): Promise<OwnerLock> {
  const owner = randomInt(1, 0x7fffffff);
  let client: Client | null = null;
  let closed = false;

  const connect = async (): Promise<void> => {
    const fresh = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000, application_name: `owner-${owner}` });
    // An error always ends the connection; 'end' does the work.
    fresh.on('error', () => undefined);
    try {
      await fresh.connect();
      // Waits for our own broken session, should Postgres not have noticed its end yet.
      await fresh.query('select pg_advisory_lock($1::int, $2::int)', [OWNER_CLASS, owner]);
    } catch (error) {
      await fresh.end().catch(() => undefined);
      throw error;
    }
    fresh.on('end', () => {
      client = null;
      if (!closed) void reconnect();
    });
    client = fresh;
  };

  const reconnect = async (): Promise<void> => {
    for (let attempt = 1; !closed && !client; attempt++) {
      await backoff(attempt);
      await connect().catch(() => undefined);
    }
    if (closed) await release();
  };

  const release = async (): Promise<void> => {
    const held = client;
    client = null;
    if (!held) return;
    // Unlocking by hand matters on PGlite only, where closing the connection ends no session.
    await held.query('select pg_advisory_unlock($1::int, $2::int)', [OWNER_CLASS, owner]).catch(() => undefined);
    await held.end().catch(() => undefined);
  };

  await connect();
  return {
    owner,
    alive: () => client !== null,
    close: () => {
      closed = true;
      return release();
    },
  };
}
