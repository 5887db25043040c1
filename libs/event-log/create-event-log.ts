import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { moveCursor, readCursor } from './cursors.ts';
import type { EventLog } from './event-log.ts';
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts';
import { abandoned, renew } from './leases.ts';
import { commandRecord, holder } from './lookups.ts';
import { head, positionOf, readLog, readSequenced, sequence } from './log-reader.ts';
import { orUnavailable, withPatience } from './outage.ts';
import { openPool } from './pool.ts';
import { keepAsStored, type Upcast } from './read.ts';
import { readSnapshot, writeSnapshot } from './snapshots.ts';
import { createStreamReader } from './stream-reader.ts';
import { findPages, Summarizer } from './summaries.ts';

export interface EventLogOptions extends GroupCommitOptions {
  /** Where Postgres is; the log opens and closes its own pool. Exactly one of `url` and `pool`. */
  readonly url?: string;
  /** A pool made by `openPool`; stays open when the log closes. */
  readonly pool?: DatabasePool;
  readonly connections?: number;
  /** Default: events come back as stored. */
  readonly upcast?: Upcast;
}

const Now = z.object({ now: z.string() });
/** Sequencing calls between two looks at whether a partition must be made ahead. */
const MAINTENANCE_EVERY = 5_000;

/** Opens the log. The schema must be there: call `migrate(url)` first. */
export async function createEventLog(options: EventLogOptions): Promise<EventLog> {
  if ((options.url === undefined) === (options.pool === undefined)) throw new TypeError('createEventLog: give exactly one of url and pool');
  const patience = options.patienceMs ?? 10_000;
  const ask = <T>(question: () => Promise<T>): Promise<T> => withPatience(patience, question);
  const { url, connections = 8, upcast = keepAsStored } = options;
  const pool = options.pool ?? (await ask(() => openPool(url ?? '', { connections, name: 'event-log' })));
  const commits = createGroupCommit(pool, options);
  const streams = createStreamReader(pool, upcast, patience);
  const keepRoom = () => pool.query(sql.unsafe`select event_log.ensure_partitions()`);
  await ask(keepRoom);
  const summaries = new Summarizer(pool);
  let sequenced = 0;

  return {
    append: commits.append,
    readStream: streams.read,
    readLog: (after, limit) => ask(() => readLog(pool, upcast, after, limit)),
    readSequenced: (after, limit) => ask(() => readSequenced(pool, after, limit)),
    findPages: (query, after, limit) => ask(() => findPages(pool, query, after, limit)),
    head: () => ask(() => head(pool)),
    positionOf: (eventId) => ask(() => positionOf(pool, eventId)),
    holder: (workspaceId, scope, key) => ask(() => holder(pool, workspaceId, scope, key)),
    command: (workspaceId, commandId) => ask(() => commandRecord(pool, workspaceId, commandId)),
    async sequence(limit) {
      if (++sequenced % MAINTENANCE_EVERY === 0) await ask(keepRoom);
      // Not asked again: if the answer got lost, a second call would answer what comes after it. The caller reads
      // on from its own position instead.
      const events = await orUnavailable(() => sequence(pool, limit));
      summaries.note(events);
      return events;
    },
    renew: (leases, ttlMs) => ask(() => renew(pool, leases, ttlMs)),
    abandoned: (category, limit) => ask(() => abandoned(pool, category, limit)),
    cursor: (name) => ask(() => readCursor(pool, name)),
    // Not asked again: after an unknown outcome, false ("was not `from`") could be our own first try.
    moveCursor: (name, from, to) => orUnavailable(() => moveCursor(pool, name, from, to)),
    readSnapshot: (stream, schema) => ask(() => readSnapshot(pool, stream, schema)),
    writeSnapshot: (stream, schema, version, state) => ask(() => writeSnapshot(pool, stream, schema, version, state)),
    now: () => ask(async () => (await pool.one(sql.type(Now)`select date_trunc('milliseconds', clock_timestamp()) as now`)).now),
    async close() {
      await Promise.all([commits.idle(), streams.idle(), summaries.idle()]);
      if (!options.pool) await pool.end();
    },
  };
}
