import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { createEventLog, migrate, openPool } from '@agent-platform/event-log/index';
import { readLog } from '@agent-platform/event-log/log-reader';
import { isOutage, withPatience } from '@agent-platform/event-log/outage';
import type { AnyFeature, Projection } from '@agent-platform/kernel/index';
import { ensureReadModels, projectionsOf, statusOf } from '@agent-platform/runtime/read-models';
import { rebuild } from '@agent-platform/runtime/rebuild';
import { createUpcast } from '@agent-platform/runtime/upcast';
import { createLogger } from '@agent-platform/service/log';

/** What a migration is told. */
export interface MigrationOptions {
  readonly url: string;
  readonly features: readonly AnyFeature[];
  /** Names of steps; without any of them all. */
  readonly only: readonly string[];
  /** Hears what each step changed, in words; nothing, when it was up to date. */
  readonly tell: (step: string, changes: readonly string[]) => void;
  /** Hears that Postgres does not answer and is waited for, and why. */
  readonly waiting: (reason: unknown) => void;
  /** How long it is waited for; default 30 s. */
  readonly patienceMs?: number;
}

/** Brings one part of the database up to date and says what it changed. */
type Step = (pool: DatabasePool, options: MigrationOptions) => Promise<readonly string[]>;

/** The steps in their order: the truth first, then what is made from it. */
const stepsOf = (features: readonly AnyFeature[]): ReadonlyMap<string, Step> =>
  new Map<string, Step>([['event-log', migrateEventLog], ...projectionsOf(features).map((one): [string, Step] => [one.name, readModelStep(one)])]);

/** Names that `only` may have. */
export const migrationNames = (features: readonly AnyFeature[]): readonly string[] => [...stepsOf(features).keys()];

/**
 * Brings a database up to date, in order; what is up to date stays as it is. Safe to repeat and to race.
 * Answers with the number of steps that changed something. Throws when Postgres does not answer in time, and what it answers.
 */
export async function migrateDatabase(options: MigrationOptions): Promise<number> {
  const { features, only, tell } = options;
  const pool = await connect(options);
  let changed = 0;
  try {
    for (const [name, step] of stepsOf(features)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const changes = await step(pool, options);
      if (changes.length > 0) changed += 1;
      tell(name, changes);
    }
    return changed;
  } finally {
    await pool.end();
  }
}

/** The pool connects at once. */
function connect({ url, waiting, patienceMs = 30_000 }: MigrationOptions): Promise<DatabasePool> {
  const open = () => openPool(url, { connections: 2, name: 'migrate' });
  return open().catch((error: unknown) => {
    if (!isOutage(error)) throw error;
    waiting(error);
    return withPatience(patienceMs, open);
  });
}

async function migrateEventLog(pool: DatabasePool, { url }: MigrationOptions): Promise<readonly string[]> {
  const before = new Set(await appliedFiles(pool));
  await migrate(url);
  return (await appliedFiles(pool)).filter((name) => !before.has(name));
}

async function appliedFiles(pool: DatabasePool): Promise<readonly string[]> {
  const there = await pool.oneFirst(sql.type(z.object({ there: z.boolean() }))`select to_regclass('event_log.migrations') is not null as there`);
  return there ? pool.anyFirst(sql.type(z.object({ name: z.string() }))`select name from event_log.migrations order by id`) : [];
}

/** A read model has no migrations: it is made empty, or, when the code has another version of it, built anew from the log. */
function readModelStep(projection: Projection): Step {
  return async (pool, { features }) => {
    await ensureReadModels(pool, []);
    const live = await statusOf(pool, projection.name, 'live');
    if (live?.version === projection.version) return [];
    if (!live) {
      await ensureReadModels(pool, [projection]);
      return [`made, version ${projection.version}`];
    }
    const upcast = createUpcast(features.map(({ contract }) => contract));
    const log = await createEventLog({ pool, upcast });
    try {
      const logger = createLogger('migrate', 'warn');
      const position = await rebuild({ pool, log, projection, logger, readWithin: (db, after, limit) => readLog(db, upcast, after, limit) });
      return [`built anew from the log up to event ${position}, version ${live.version} to ${projection.version}`];
    } finally {
      await log.close();
    }
  };
}
