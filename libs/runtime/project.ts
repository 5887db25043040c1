import { sql, type CommonQueryMethods } from 'slonik';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import { crashPoint } from './crash-point.ts';
import type { Logger } from './logger.ts';
import { RowBatch } from './row-batch.ts';
import { buildSchema, liveSchema, type ProjectionStatus } from './read-models.ts';
import { readShapes, type TableShape, writeBatch } from './row-writer.ts';

/** Somebody else has moved the checkpoint: what was in hand must be dropped and read again from the stored one. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** What opens a transaction: a pool, or one that is open already and lends itself. */
export interface Transactional {
  transaction<T>(work: (db: CommonQueryMethods) => Promise<T>): Promise<T>;
}

/**
 * Applies events to the tables of projections. Promise: rows and checkpoint change in one transaction, and only
 * from the checkpoint that was expected, so a repeated batch, a second projector or a crash at any instruction
 * changes nothing twice. An event that a projection can't take goes to quarantine and stops nobody else.
 */
export class ProjectionWriter {
  readonly #pool: Transactional;
  readonly #state: ProjectionStatus['state'];
  readonly #logger: Logger;
  readonly #shapes = new Map<string, Map<string, TableShape>>();

  constructor(pool: Transactional, state: ProjectionStatus['state'], logger: Logger) {
    this.#pool = pool;
    this.#state = state;
    this.#logger = logger;
  }

  /** Applies `events`, in order and without a hole, to projections that all stand at `from`. Returns where they stand then. */
  apply(projections: readonly Projection[], from: number, events: readonly LoggedEvent[]): Promise<number> {
    return this.applyUpTo(projections, from, events.at(-1)?.position ?? from, events);
  }

  /**
   * The same up to a position; events that no projection wants may be left out. They are read one by one, and again from
   * the beginning after a refusal: parsed only when it is their turn, they don't fill the heap together.
   */
  async applyUpTo(projections: readonly Projection[], from: number, to: number, events: Iterable<LoggedEvent>): Promise<number> {
    if (to === from) return from;
    try {
      await this.#write(projections, from, to, events);
    } catch (error) {
      if (error instanceof CheckpointMoved || !isDataError(error)) throw error;
      this.#logger.warn({ from, to, error }, 'a batch was refused; applying it event by event to find the poison');
      await this.#writeOneByOne(projections, from, to, events);
    }
    return to;
  }

  async #write(projections: readonly Projection[], from: number, to: number, events: Iterable<LoggedEvent>): Promise<void> {
    const { changes, refused } = project(projections, events);
    await this.#pool.transaction(async (db) => {
      await this.#moveCheckpoints(db, projections, from, to);
      crashPoint('projector.in-transaction');
      for (const { projection, event, error } of refused) await this.#quarantine(db, projection, event, error);
      for (const [projection, batch] of changes) {
        if (batch.size > 0) await writeBatch(db, this.#schema(projection), await this.#shapesOf(db, projection), batch);
      }
    });
  }

  async #writeOneByOne(projections: readonly Projection[], from: number, to: number, events: Iterable<LoggedEvent>): Promise<void> {
    let at = from;
    for (const event of events) {
      try {
        await this.#write(projections, at, event.position, [event]);
      } catch (error) {
        if (error instanceof CheckpointMoved || !isDataError(error)) throw error;
        await this.#writeAround(projections, at, event);
      }
      at = event.position;
    }
    if (at < to) await this.#write(projections, at, to, []);
  }

  /** One event that the database refuses for some projection: the others get it, that one quarantines it. */
  async #writeAround(projections: readonly Projection[], from: number, event: LoggedEvent): Promise<void> {
    for (const projection of projections) {
      try {
        await this.#write([projection], from, event.position, [event]);
      } catch (error) {
        if (error instanceof CheckpointMoved || !isDataError(error)) throw error;
        await this.#pool.transaction(async (db) => {
          await this.#moveCheckpoints(db, [projection], from, event.position);
          await this.#quarantine(db, projection, event, error);
        });
      }
    }
  }

  async #moveCheckpoints(db: CommonQueryMethods, projections: readonly Projection[], from: number, to: number): Promise<void> {
    const names = sql.array(
      projections.map(({ name }) => name),
      'text',
    );
    // Read models follow the log: what a crash of Postgres takes from their end is read again, so nobody waits for the disk.
    await db.query(sql.unsafe`set local synchronous_commit = off`);
    const moved = await db.query(sql.unsafe`
      update read_models.projections set position = ${to} where name = any (${names}) and state = ${this.#state} and position = ${from}`);
    if (moved.rowCount !== projections.length) throw new CheckpointMoved(`a checkpoint is not at ${from}`);
  }

  async #quarantine(db: CommonQueryMethods, projection: Projection, event: LoggedEvent, error: unknown): Promise<void> {
    this.#logger.error({ projection: projection.name, position: event.position, event_id: event.id, error }, 'event quarantined');
    await db.query(sql.unsafe`
      insert into read_models.quarantine (projection, position, event_id, error)
      values (${projection.name}, ${event.position}, ${event.id}, ${String(error).slice(0, 2000)})
      on conflict (projection, position) do update set error = excluded.error`);
  }

  #schema(projection: Projection): string {
    return this.#state === 'live' ? liveSchema(projection.name) : buildSchema(projection.name);
  }

  async #shapesOf(db: CommonQueryMethods, projection: Projection): Promise<ReadonlyMap<string, TableShape>> {
    const schema = this.#schema(projection);
    const known = this.#shapes.get(schema) ?? (await readShapes(db, schema));
    this.#shapes.set(schema, known);
    return known;
  }
}

interface Refused {
  readonly projection: Projection;
  readonly event: LoggedEvent;
  readonly error: unknown;
}

/** What the events change, by projection, and the events that a projection can't take. */
function project(projections: readonly Projection[], events: Iterable<LoggedEvent>): { changes: Map<Projection, RowBatch>; refused: Refused[] } {
  const changes = new Map(projections.map((projection) => [projection, new RowBatch()]));
  const refused: Refused[] = [];
  const interested = new Map<string, [Projection, RowBatch][]>();
  for (const entry of changes) for (const type of entry[0].events) interested.set(type, [...(interested.get(type) ?? []), entry]);
  for (const event of events) {
    for (const [projection, batch] of interested.get(event.type) ?? []) {
      try {
        batch.add(projection.project(event));
      } catch (error) {
        refused.push({ projection, event, error });
      }
    }
  }
  return { changes, refused };
}

/** Whether the database refused the data (SQLSTATE classes 22 and 23, or our own mapping did), rather than being away. */
function isDataError(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    if (/^(22|23|42)/.test(code)) return true;
    if (at.message.startsWith('projection ')) return true;
  }
  return false;
}
