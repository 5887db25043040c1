import { parseArgs } from 'node:util';
import { readSettings, SETTINGS } from '@agent-platform/service/config';
import { START_SETTINGS } from '@agent-platform/service/program.settings';
import type { PlatformOptions } from './platform.ts';

/** What `npm start` understands. */
export const USAGE = `npm start -- [options]          starts the platform: Postgres, NATS and every role

  --port <n>             port of the gateway (8000, or the next free one; 0 takes any)   AGENT_PLATFORM_HTTP_PORT
  --data <folder>        where everything is kept (.data)                                AGENT_PLATFORM_DATA
  --postgres <kind>      pglite (default: nothing to install) or native                  AGENT_PLATFORM_POSTGRES
  --database-url <url>   a Postgres that runs already                                    AGENT_PLATFORM_DATABASE_URL
  --nats-url <url>       a NATS with JetStream that runs already                         AGENT_PLATFORM_NATS_URL
  --processes            every role in a process of its own                              AGENT_PLATFORM_PROCESSES=true
  --verbose              show what the roles log
  --help
`;

export interface StartOptions extends PlatformOptions {
  readonly help: boolean;
  readonly verbose: boolean;
}

/** Variables that an option stands for. */
const OPTIONS = {
  AGENT_PLATFORM_HTTP_PORT: 'port',
  AGENT_PLATFORM_DATA: 'data',
  AGENT_PLATFORM_POSTGRES: 'postgres',
  AGENT_PLATFORM_DATABASE_URL: 'database-url',
  AGENT_PLATFORM_NATS_URL: 'nats-url',
} as const;

const { AGENT_PLATFORM_DATABASE_URL: database, AGENT_PLATFORM_NATS_URL: nats } = SETTINGS;
/** All that is read: here, and by the roles. Servers that are started here have no address yet. */
const TABLE = {
  ...SETTINGS,
  ...START_SETTINGS,
  AGENT_PLATFORM_DATABASE_URL: { ...database, schema: database.schema.optional() },
  AGENT_PLATFORM_NATS_URL: { ...nats, schema: nats.schema.optional() },
};

/**
 * Options from the command line, else from the environment. Checks all that the roles will read as well, before
 * anything is started: throws Failure('invalid', 'bad-config') with every mistake, and an error for an unknown option.
 */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      postgres: { type: 'string' },
      'database-url': { type: 'string' },
      'nats-url': { type: 'string' },
      processes: { type: 'boolean' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { help: true, verbose: false };
  const given = Object.entries(OPTIONS).flatMap(([name, option]) => (values[option] === undefined ? [] : [{ name, option, value: values[option] }]));
  const all = { ...env, ...Object.fromEntries(given.map(({ name, value }) => [name, value])) };
  const labels = new Map(given.map(({ name, option }) => [name, `--${option}`]));
  const settings = readSettings(TABLE, all, (name) => labels.get(name) ?? name);
  return {
    help: false,
    verbose: values.verbose,
    port: all['AGENT_PLATFORM_HTTP_PORT'] ? settings.AGENT_PLATFORM_HTTP_PORT : undefined,
    dataDir: settings.AGENT_PLATFORM_DATA,
    postgres: settings.AGENT_PLATFORM_POSTGRES,
    databaseUrl: settings.AGENT_PLATFORM_DATABASE_URL,
    natsUrl: settings.AGENT_PLATFORM_NATS_URL,
    processes: values.processes ?? settings.AGENT_PLATFORM_PROCESSES,
  };
}
