import { randomInt } from 'node:crypto';
import { backoff } from './outage.ts';
import { openSession, type Session } from './session.ts';

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
  let session: Session | null = null;
  let closed = false;

  const connect = async (): Promise<void> => {
    const fresh = await openSession(url, `owner-${owner}`);
    try {
      // Nobody else has this number: whoever holds it is our own broken session, whose end Postgres has not noticed yet.
      for (let attempt = 1; (await fresh.ask(`select pg_try_advisory_lock(${OWNER_CLASS}, ${owner})`)) !== true; attempt++) {
        await fresh.ask(`
          select count(pg_terminate_backend(pid)) from pg_locks
          where locktype = 'advisory' and classid = ${OWNER_CLASS} and objid = ${owner} and objsubid = 2 and pid <> pg_backend_pid()
            and database = (select oid from pg_database where datname = current_database())`);
        await backoff(attempt);
      }
    } catch (error) {
      await fresh.close();
      throw error;
    }
    session = fresh;
    void fresh.ended.then(() => {
      session = null;
      if (!closed) void reconnect();
    });
  };

  const reconnect = async (): Promise<void> => {
    for (let attempt = 1; !closed && !session; attempt++) {
      await backoff(attempt);
      await connect().catch(() => undefined);
    }
    if (closed) await release();
  };

  const release = async (): Promise<void> => {
    const held = session;
    session = null;
    if (!held) return;
    // Unlocking by hand matters on PGlite only, where closing the connection ends no session.
    await held.ask(`select pg_advisory_unlock(${OWNER_CLASS}, ${owner})`).catch(() => undefined);
    await held.close();
  };

  await connect();
  return {
    owner,
    alive: () => session !== null,
    close: () => {
      closed = true;
      return release();
    },
  };
}
