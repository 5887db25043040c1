import { parseArgs } from 'node:util';
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

/** Options from the command line, else from the environment. Throws an error that names the option. */
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
  const given = (name: string): string | undefined => env[name] || undefined;
  const port = values.port ?? given('AGENT_PLATFORM_HTTP_PORT');
  const postgres = values.postgres ?? given('AGENT_PLATFORM_POSTGRES');
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) throw new Error(`--port ${port}: must be a number from 0 to 65535.`);
  if (postgres !== undefined && postgres !== 'pglite' && postgres !== 'native') {
    throw new Error(`--postgres ${postgres}: must be pglite or native. For a Postgres that runs already use --database-url.`);
  }
  return {
    help: values.help,
    verbose: values.verbose,
    port: port === undefined ? undefined : Number(port),
    dataDir: values.data ?? given('AGENT_PLATFORM_DATA'),
    postgres,
    databaseUrl: values['database-url'] ?? given('AGENT_PLATFORM_DATABASE_URL'),
    natsUrl: values['nats-url'] ?? given('AGENT_PLATFORM_NATS_URL'),
    processes: values.processes ?? /^(true|1)$/.test(given('AGENT_PLATFORM_PROCESSES') ?? ''),
  };
}
