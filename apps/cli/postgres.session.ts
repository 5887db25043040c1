import type { CommonQueryMethods, DatabasePool } from 'slonik';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import type { Logger } from '@agent-platform/runtime/logger';
import { usage } from './cli.error.ts';
import type { Context } from './context.ts';

/** The log and the read models, seen from beside the platform. */
export interface Database {
  readonly pool: DatabasePool;
  readonly log: EventLog;
  readonly projections: readonly Projection[];
  readonly logger: Logger;
  /** Reads the log by the connection of an open transaction: on PGlite there is no other. */
  readonly readWithin: (db: CommonQueryMethods, after: number, limit: number) => Promise<LoggedEvent[]>;
}

/**
 * Address of Postgres, of the platform that runs here or from the environment: it holds a password, and arguments are
 * seen by everybody on a machine. Undefined when nobody named one.
 */
export function databaseUrl({ terminal, url }: Pick<Context, 'terminal' | 'url'>): string | undefined {
  const { env, platform } = terminal;
  // With --url another platform is meant than the one that runs here.
  return env['AGENT_PLATFORM_DATABASE_URL'] || (platform?.url === url ? platform.database_url : undefined);
}

/** The whole platform's code, loaded when it is needed: most commands speak HTTP only. */
async function machine() {
  const [eventLog, logReader, features, nodes, readModels, upcast] = await Promise.all([
    import('@agent-platform/event-log/index'),
    import('@agent-platform/event-log/log-reader'),
    import('@agent-platform/features/index'),
    import('@agent-platform/nodes/index'),
    import('@agent-platform/runtime/read-models'),
    import('@agent-platform/runtime/upcast'),
  ]);
  return { ...eventLog, ...logReader, ...features, ...nodes, ...readModels, ...upcast };
}

/** Does something with the database, whose connections are closed afterwards whatever happens. */
export async function withDatabase<T>(context: Context, work: (database: Database) => Promise<T>): Promise<T> {
  const url = databaseUrl(context);
  if (url === undefined) throw usage('Set AGENT_PLATFORM_DATABASE_URL: this command works on Postgres itself. "ap up" shows the address of the built-in one.');
  const { createEventLog, createFeatures, createRegistry, createUpcast, openPool, projectionsOf, readLog } = await machine();
  const features = createFeatures({ nodes: createRegistry() });
  const pool = await openPool(url, { connections: 2, name: 'ap' });
  try {
    const upcast = createUpcast(features.map((feature) => feature.contract));
    const log = await createEventLog({ pool, upcast, patienceMs: 2_000 });
    try {
      return await work({
        pool,
        log,
        projections: projectionsOf(features),
        logger: loggerOf(context),
        readWithin: (db, after, limit) => readLog(db, upcast, after, limit),
      });
    } finally {
      await log.close();
    }
  } finally {
    await pool.end();
  }
}

/** What the machine has to say goes to standard error; the answer alone is on standard output. */
function loggerOf({ terminal, colors }: Context): Logger {
  const tell = (message: string, fields: object) => terminal.stderr(`${colors.yellow(message)} ${JSON.stringify(fields)}\n`);
  return { debug: () => undefined, info: () => undefined, warn: (fields, message) => tell(message, fields), error: (fields, message) => tell(message, fields) };
}
