import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { backoff, isOutage, unavailable } from './outage.ts';

export interface MigrateOptions {
  /** Gets one line per step; default: silence. */
  readonly log?: (line: string) => void;
  /** How long a Postgres that is still starting is waited for; default 30 s. */
  readonly patienceMs?: number;
}

/**
 * Brings the schema `event_log` up to date. Any number of processes may start at once: on Postgres an advisory lock
 * makes the others wait. On PGlite, where all connections are one session and the lock excludes nobody, the
 * loser's transaction fails as a whole and finds nothing left to do when it tries again.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<void> {
  const until = performance.now() + (options.patienceMs ?? 30_000);
  for (let attempt = 1; ; attempt++) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await runner({
        dbClient: client,
        dir: fileURLToPath(new URL('./schema', import.meta.url)),
        direction: 'up',
        migrationsTable: 'migrations',
        migrationsSchema: 'event_log',
        createMigrationsSchema: true,
        advisoryLockMode: 'wait',
        log: options.log ?? (() => undefined),
      });
      return;
    } catch (error) {
      const away = isOutage(error);
      if (away ? performance.now() >= until : attempt >= 5) throw away ? unavailable(error) : error;
      await backoff(attempt);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
