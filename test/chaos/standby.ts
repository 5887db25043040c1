import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startNativePostgres } from '@agent-platform/embedded/index';
import { startLink } from './link.ts';

/** `synchronous`: a commit is answered when the standby has it on its disk, too. */
export type Replication = 'synchronous' | 'asynchronous';

/** A second Postgres that follows the first one, and one address for whichever of them is in charge. */
export interface Standby {
  /** Where everybody connects to, before and after. */
  readonly databaseUrl: string;
  /** The standby hears nothing more of the primary, as when the network between them is cut. */
  cutOff(): void;
  /** Puts the standby in charge. Only when the primary is dead. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** Copies a cluster that is shut down: the base backup that a standby begins with. */
export function copyCluster(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
  writeFileSync(join(to, 'cluster', 'standby.signal'), '');
}

export async function startStandby(folder: string, primary: RunningPostgres): Promise<Standby> {
  const [front, replication] = [await startLink(primary.port), await startLink(primary.port)];
  const standby = await startNativePostgres({
    dataDir: folder,
    settings: { shared_buffers: '64MB', primary_conninfo: `host=127.0.0.1 port=${replication.port} user=postgres`, wal_retrieve_retry_interval: '200ms' },
  });
  await following(primary.databaseUrl);
  const url = new URL(primary.databaseUrl);
  url.port = String(front.port);
  return {
    databaseUrl: url.href,
    cutOff: () => replication.set('cut'),
    async promote() {
      replication.set('cut');
      await ask(standby.databaseUrl, 'select pg_promote()');
      front.redirect(standby.port);
    },
    async stop() {
      await standby.stop();
      await Promise.all([front.close(), replication.close()]);
    },
  };
}

/** Resolves when the standby streams. */
async function following(primaryUrl: string): Promise<void> {
  while ((await ask(primaryUrl, `select from pg_stat_replication where state = 'streaming'`)) === 0);
}

async function ask(url: string, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
