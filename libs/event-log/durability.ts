import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';

const Setting = z.object({ name: z.string(), setting: z.string() });

export interface DurabilityOptions {
  /** Settings that may be off here, named one by one, e.g. ['fsync'] for a throwaway test server. */
  readonly allowOff?: readonly ('fsync' | 'full_page_writes' | 'synchronous_commit')[];
}

/**
 * Refuses a Postgres whose commit does not mean "on disk": Failure('fault', 'log-not-durable') names the settings.
 * PGlite reports these settings as a server would, but what holds there is its own file system.
 */
export async function checkDurability(pool: DatabasePool, options: DurabilityOptions = {}): Promise<void> {
  const rows = await pool.any(sql.type(Setting)`select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')`);
  const allowed = new Set<string>(options.allowOff);
  const off = rows.filter((row) => row.setting === 'off' && !allowed.has(row.name)).map((row) => row.name);
  if (off.length > 0)
    throw new Failure(
      'fault',
      'log-not-durable',
      `Postgres runs with ${off.join(', ')} off: committed events can be lost. Turn it on, or allow it explicitly for a throwaway database`,
    );
}
