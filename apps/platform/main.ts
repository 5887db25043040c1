import { onShutdown } from '@agent-platform/service/run-role';
import { writeAddresses } from './addresses.file.ts';
import { loadEnvFile } from './env-file.ts';
import { readOptions, USAGE } from './options.ts';
import { startPlatform, type RunningPlatform } from './platform.ts';

const NATS_PORT = 4222;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function greet({ url, natsUrl, databaseUrl, logDir }: RunningPlatform): void {
  const database = new URL(databaseUrl);
  database.password = '';
  const nats = natsUrl.endsWith(`:${NATS_PORT}`) ? 'nats' : `nats --server ${natsUrl}`;
  say(`
The platform runs.   HTTP      ${url}   (routes: ${url}/docs)
                     NATS      ${natsUrl}
                     Postgres  ${database.href}
                     logs      ${logDir}

Next:  npm run -s ap -- --help
       ${nats} sub 'evt.>'
       curl -s ${url}/api/v1/services/health
       less apps/platform/example/README.md   # an example of everything

Ctrl-C ends it; the next start goes on where it was.`);
}

async function start(): Promise<void> {
  loadEnvFile();
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  say('Starting …');
  const level = options.verbose ? 'info' : 'warn';
  const starting = startPlatform({
    ...options,
    natsPort: NATS_PORT,
    env: { AGENT_PLATFORM_LOG_LEVEL: process.env['AGENT_PLATFORM_LOG_LEVEL'] ?? level },
    tell: say,
    showLog: say,
  });
  // A Ctrl-C while it starts: what is started is stopped when the start has come to its end.
  onShutdown(async () => {
    say('\nEnding …');
    await starting.then((platform) => platform.close());
  });
  const platform = await starting;
  writeAddresses(platform.dataDir, { pid: process.pid, url: platform.url, nats_url: platform.natsUrl, database_url: platform.databaseUrl });
  greet(platform);
}

try {
  await start();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
