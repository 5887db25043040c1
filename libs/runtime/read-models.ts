import { sql, type CommonQueryMethods, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { AnyFeature, Projection } from '@agent-platform/kernel/index';

/** Where a projection stands. `position` is the log position that its tables reflect. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: number;
  readonly state: 'live' | 'building';
}

const Status = z.object({ name: z.string(), version: z.number(), position: z.number(), state: z.enum(['live', 'building']) });

/** Schema that holds the tables of a live projection, and the one where its successor is built beside it. */
export const liveSchema = (name: string): string => `read_${name}`;
export const buildSchema = (name: string): string => `build_${name}`;

export const projectionsOf = (features: readonly AnyFeature[]): readonly Projection[] => features.flatMap((feature) => feature.projections);

/** Creates the table of checkpoints and the quarantine, and the tables of projections that are new. Safe to repeat and to race. */
export async function ensureReadModels(pool: DatabasePool, projections: readonly Projection[]): Promise<void> {
  await pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('read_models'))`);
    await db.query(sql.unsafe`create schema if not exists read_models`);
    await db.query(sql.unsafe`
      create table if not exists read_models.projections (
        name text not null, state text not null, version integer not null, position bigint not null,
        primary key (name, state)
      )`);
    await db.query(sql.unsafe`
      create table if not exists read_models.quarantine (
        projection text not null, position bigint not null, event_id text not null, error text not null, at timestamptz not null default now(),
        primary key (projection, position)
      )`);
    for (const projection of projections) {
      if (!(await statusOf(db, projection.name, 'live'))) await createTables(db, projection, 'live');
    }
  });
}

/** Makes a projection's schema and tables, empty, at position 0. */
export async function createTables(db: CommonQueryMethods, projection: Projection, state: ProjectionStatus['state']): Promise<void> {
  const schema = state === 'live' ? liveSchema(projection.name) : buildSchema(projection.name);
  await db.query(sql.unsafe`drop schema if exists ${sql.identifier([schema])} cascade`);
  await db.query(sql.unsafe`create schema ${sql.identifier([schema])}`);
  await db.query(sql.unsafe`select set_config('search_path', ${schema}, true)`);
  // The text of the projection's own .sql file: trusted, and without parameters.
  for (const statement of statements(projection.sql)) await db.query(sql.unsafe`${{ ...sql.fragment``, sql: statement }}`);
  await db.query(sql.unsafe`select set_config('search_path', 'public', true)`);
  await db.query(sql.unsafe`
    insert into read_models.projections (name, state, version, position) values (${projection.name}, ${state}, ${projection.version}, 0)
    on conflict (name, state) do update set version = excluded.version, position = 0`);
}

/** Statements of a projection's file: it has no functions, so a semicolon at a line's end ends one. */
const statements = (text: string): string[] =>
  text
    .split(/;\s*(?:\n|$)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

export async function statusOf(db: CommonQueryMethods, name: string, state: ProjectionStatus['state']): Promise<ProjectionStatus | null> {
  return db.maybeOne(sql.type(Status)`
    select name, version, position::float8 as position, state from read_models.projections where name = ${name} and state = ${state}`);
}

export async function allStatuses(db: CommonQueryMethods): Promise<readonly ProjectionStatus[]> {
  return db.any(sql.type(Status)`select name, version, position::float8 as position, state from read_models.projections order by name, state`);
}
