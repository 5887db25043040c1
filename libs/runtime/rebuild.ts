import { AsyncLocalStorage } from 'node:async_hooks';
import { sql, type CommonQueryMethods, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import { aheadOfLog } from './ahead-of-log.ts';
import { crashPoint } from './crash-point.ts';
import type { Logger } from './logger.ts';
import { ProjectionWriter, type Transactional } from './project.ts';
import { buildSchema, createTables, liveSchema, statusOf } from './read-models.ts';

export interface RebuildOptions {
  readonly pool: DatabasePool;
  readonly log: EventLog;
  readonly projection: Projection;
  readonly logger: Logger;
  readonly onProgress?: (position: number, head: number) => void;
  /**
   * Reads the log by the connection of the transaction that is open. PGlite needs it: it has one session, so a question
   * on another connection would wait for the transaction, and the transaction for the answer.
   */
  readonly readWithin?: (db: CommonQueryMethods, after: number, limit: number) => Promise<LoggedEvent[]>;
}

const PAGE = 1000;

/**
 * The log as seen from outside of the transaction that will be open: what it holds has been committed for good, so any
 * connection may read it. slonik takes a question on another connection inside a transaction for a mistake and throws.
 */
function outsideOf(log: EventLog): NonNullable<RebuildOptions['readWithin']> {
  const outside = AsyncLocalStorage.snapshot();
  return (_db, after, limit) => outside(() => log.readLog(after, limit));
}

/** What may be left to apply while readers and the projector wait for the swap. */
const SWAP_DISTANCE = 500;

const Row = z.object({ line: z.string() });
const TableRow = z.object({ name: z.string(), key: z.array(z.string()) });

/**
 * Builds a projection from the log beside the live one and swaps them in one transaction, so that nobody ever sees an
 * empty or half model. A crash before the swap leaves the live one untouched; the next rebuild begins anew.
 */
export async function rebuild({ pool, log, projection, logger, onProgress, readWithin }: RebuildOptions): Promise<number> {
  await pool.transaction((db) => createTables(db, projection, 'building'));
  const writer = new ProjectionWriter(pool, 'building', logger);
  let at = 0;
  for (;;) {
    const live = (await statusOf(pool, projection.name, 'live'))?.position ?? 0;
    onProgress?.(at, live);
    if (live - at <= SWAP_DISTANCE) break;
    const events = await log.readLog(at, Math.min(PAGE, live - at));
    if (events.length === 0) break; // the live one is ahead of a log that was restored from a backup: this puts it right
    at = await writer.apply([projection], at, events);
  }
  crashPoint('projector.rebuild-before-swap');
  const end = await swap(pool, readWithin ?? outsideOf(log), projection, at, logger);
  crashPoint('projector.rebuild-after-swap');
  return end;
}

/** Savepoints of the transaction that is open: what Postgres refuses of a poison event must not end all of it. */
const within = (db: CommonQueryMethods): Transactional => ({ transaction: (work) => db.transaction(work) });

/** Takes the live checkpoint's lock, so the projector stands still, applies what is left, and renames the schemas. */
async function swap(
  pool: DatabasePool,
  read: NonNullable<RebuildOptions['readWithin']>,
  projection: Projection,
  from: number,
  logger: Logger,
): Promise<number> {
  return pool.transaction(async (db) => {
    await db.query(sql.unsafe`select 1 from read_models.projections where name = ${projection.name} and state = 'live' for update`);
    const live = (await statusOf(db, projection.name, 'live'))?.position ?? 0;
    const writer = new ProjectionWriter(within(db), 'building', logger);
    let at = from;
    while (at < live) {
      const events = await read(db, at, Math.min(PAGE, live - at));
      if (events.length === 0) break;
      at = await writer.apply([projection], at, events);
    }
    await renameOver(db, projection.name);
    await db.query(
      sql.unsafe`update read_models.projections set version = ${projection.version}, position = ${at} where name = ${projection.name} and state = 'live'`,
    );
    await db.query(sql.unsafe`delete from read_models.projections where name = ${projection.name} and state = 'building'`);
    return at;
  });
}

async function renameOver(db: CommonQueryMethods, name: string): Promise<void> {
  await db.query(sql.unsafe`drop schema if exists ${sql.identifier([liveSchema(name)])} cascade`);
  await db.query(sql.unsafe`alter schema ${sql.identifier([buildSchema(name)])} rename to ${sql.identifier([liveSchema(name)])}`);
}

/** What `verify` found for one table. */
export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  readonly live: string;
  readonly rebuilt: string;
}

/**
 * Rebuilds a projection up to the live position in a schema of its own, compares row by row digests, and drops it.
 * Equal digests mean: the live tables are a function of the log. Throws Failure `read-model-ahead-of-log`.
 */
export async function verify({
  pool,
  log,
  projection,
  logger,
  readWithin,
}: RebuildOptions): Promise<{ position: number; tables: readonly TableDigest[]; equal: boolean }> {
  const read = readWithin ?? outsideOf(log);
  return pool.transaction(async (db) => {
    await db.query(sql.unsafe`select 1 from read_models.projections where name = ${projection.name} and state = 'live' for update`);
    const position = (await statusOf(db, projection.name, 'live'))?.position ?? 0;
    await createTables(db, projection, 'building');
    const writer = new ProjectionWriter(within(db), 'building', logger);
    let at = 0;
    while (at < position) {
      const events = await read(db, at, Math.min(PAGE, position - at));
      if (events.length === 0) throw aheadOfLog(projection.name, position, at);
      at = await writer.apply([projection], at, events);
    }
    const tables: TableDigest[] = [];
    for (const { name, key } of await tablesOf(db, liveSchema(projection.name))) {
      const live = await digest(db, liveSchema(projection.name), name, key);
      const rebuilt = await digest(db, buildSchema(projection.name), name, key);
      tables.push({ table: name, rows: live.rows, live: live.digest, rebuilt: rebuilt.digest });
    }
    await db.query(sql.unsafe`drop schema ${sql.identifier([buildSchema(projection.name)])} cascade`);
    await db.query(sql.unsafe`delete from read_models.projections where name = ${projection.name} and state = 'building'`);
    return { position, tables, equal: tables.every(({ live, rebuilt }) => live === rebuilt) };
  });
}

const tablesOf = (db: CommonQueryMethods, schema: string) =>
  db.any(sql.type(TableRow)`
    select c.relname as name, array_agg(a.attname::text order by array_position(i.indkey::int[], a.attnum::int)) as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
    where n.nspname = ${schema} and c.relkind = 'r' group by c.relname order by c.relname`);

/** Digest over the rows as text, columns by name, in key order. */
async function digest(db: CommonQueryMethods, schema: string, table: string, key: readonly string[]): Promise<{ rows: number; digest: string }> {
  const order = sql.join(
    key.map((column) => sql.fragment`${sql.identifier([column])}`),
    sql.fragment`, `,
  );
  const row = await db.one(sql.type(Row)`
    select count(*) || ' ' || coalesce(md5(string_agg(md5(to_jsonb(t)::text), '' order by ${order})), '') as line from ${sql.identifier([schema, table])} t`);
  const [rows, text] = row.line.split(' ');
  return { rows: Number(rows), digest: text ?? '' };
}
