import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type DatabasePool } from 'slonik';
import { startNativePostgres, startPglite } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import type { Show } from './emit.ts';
import { measureEmbeddings, measureIndexing } from './knowledge.indexing.ts';
import { measureSearch } from './knowledge.searching.ts';
import { pgvectorPrograms } from './pgvector.programs.ts';

export interface KnowledgeOptions {
  /** Of 100,000 chunks. */
  readonly scale: number;
  /** Not a real Postgres: one session, so neither what a search without index finds nor indexing by several processes is measured. */
  readonly pglite: boolean;
}

const cache = new URL('../../.cache', import.meta.url).pathname;
const SETTINGS = { shared_buffers: '1GB', maintenance_work_mem: '512MB', max_wal_size: '4GB', max_connections: '200' };

/**
 * Search in a base of 100,000 chunks of 384 dimensions, beside two small ones, and indexing into it: with everything
 * the platform does on the way, and the embeddings alone.
 */
export async function benchKnowledge(show: Show, { scale, pglite }: KnowledgeOptions): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agent-platform-bench-'));
  const database = await openDatabase(dataDir, pglite);
  try {
    await measureSearch(database.url, Math.round(100_000 * scale), show, { compared: !pglite });
    if (!pglite) await measureIndexing({ databaseUrl: database.url, dataDir, cacheDir: cache, documents: Math.round(200 * scale) }, show);
    await measureEmbeddings(show);
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function openDatabase(dataDir: string, pglite: boolean): Promise<{ url: string; close: () => Promise<void> }> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL && !pglite) return ownDatabase(DATABASE_URL);
  const server = pglite
    ? await startPglite()
    : await startNativePostgres({ dataDir, settings: SETTINGS, programs: await pgvectorPrograms(cache, (line) => void process.stdout.write(`  ${line}\n`)) });
  return { url: server.databaseUrl, close: () => server.stop() };
}

/** A database on somebody's server that is gone afterwards. */
async function ownDatabase(url: string): Promise<{ url: string; close: () => Promise<void> }> {
  const name = `agent_platform_bench_${process.pid}`;
  const on = async (work: (pool: DatabasePool) => Promise<unknown>): Promise<void> => {
    const pool = await openPool(url, { connections: 1 });
    try {
      await work(pool);
    } finally {
      await pool.end();
    }
  };
  await on((pool) => pool.query(sql.unsafe`create database ${sql.identifier([name])}`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, close: () => on((pool) => pool.query(sql.unsafe`drop database ${sql.identifier([name])} with (force)`)) };
}
