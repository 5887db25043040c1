import { type CommonQueryMethods, sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { LoggedEvent } from '@agent-platform/kernel/index';
import { splitEventId } from './event-id.ts';
import type { SequencedEvent } from './event-log.ts';
import { loggedEvents, parseBodies, payloadsOf, PlacedCommit, sequencedEvents, type Upcast } from './read.ts';

const Head = z.object({ head: z.int() });
const Position = z.object({ position: z.int().nullable() });

const page = (pool: CommonQueryMethods, after: number, limit: number) => pool.any(sql.type(PlacedCommit)`select * from event_log.read_log(${after}, ${limit})`);

/** The first and the last commit of a page may reach over its edges. */
const inPage = <E extends { readonly position: number }>(events: readonly E[], after: number, limit: number): E[] =>
  events.filter((event) => event.position > after).slice(0, limit);

/** Events after a position. Give it a transaction to read by its connection: a server with one session has no other. */
export async function readLog(pool: CommonQueryMethods, upcast: Upcast, after: number, limit: number): Promise<LoggedEvent[]> {
  const commits = await page(pool, after, limit);
  const bodies = parseBodies(commits);
  const payloads = await payloadsOf(pool, bodies);
  return inPage(
    commits.flatMap((commit, index) => loggedEvents(commit, bodies[index] ?? [], payloads, upcast)),
    after,
    limit,
  );
}

export const readSequenced = async (pool: DatabasePool, after: number, limit: number): Promise<SequencedEvent[]> =>
  inPage((await page(pool, after, limit)).flatMap(sequencedEvents), after, limit);

/** Gives positions in one transaction; see schema/0004_sequence.sql. */
export const sequence = async (pool: DatabasePool, limit: number): Promise<SequencedEvent[]> =>
  (await pool.any(sql.prepared('sequence', PlacedCommit)`select * from event_log.sequence(${limit})`)).flatMap(sequencedEvents);

export const head = async (pool: DatabasePool): Promise<number> => (await pool.one(sql.type(Head)`select head from event_log.sequencer`)).head;

export async function positionOf(pool: DatabasePool, eventId: string): Promise<number | null> {
  const id = splitEventId(eventId);
  if (!id) return null;
  return (await pool.one(sql.type(Position)`select event_log.position_of(${id.appendId}::uuid, ${id.index}) as position`)).position;
}
