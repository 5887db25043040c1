/** `npm run migrate`: brings the database of the event log and the read models up to date. See `usage`. */
import { parseArgs } from 'node:util';
import { isOutage } from '@agent-platform/event-log/outage';
import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { readSettings, SETTINGS } from '@agent-platform/service/config';
import { loadEnvFile } from './env-file.ts';
import { migrateDatabase, migrationNames } from './migrate-database.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
const URL_OPTION = '--database-url';
const { AGENT_PLATFORM_DATABASE_URL } = SETTINGS;

const features = createFeatures({ nodes: createRegistry() });
const names = migrationNames(features);

const usage = (): string => `npm run migrate -- [options]     brings the database up to date; what is up to date stays as it is

  --only <name>          only this one; may be given several times
  --database-url <url>   the Postgres; without it AGENT_PLATFORM_DATABASE_URL or AGENT_PLATFORM_DATABASE_URL_FILE
  --help

Names, in the order in which they are migrated:
  event-log              the tables and functions of the log
${names
  .slice(1)
  .map((name) => `  ${name.padEnd(22)} a read model\n`)
  .join('')}
A read model is made when it is missing, and built anew from the log when the code has another version of it: stop
projectors that run the old code before. Roles do the same when they start, but build nothing anew.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

/** Throws what is wrong with the command line or the settings. */
function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): { readonly help: boolean; readonly only: readonly string[]; readonly url: string } {
  const { values } = parseArgs({
    args: [...argv],
    options: { only: { type: 'string', multiple: true }, 'database-url': { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) return { help: true, only: [], url: '' };
  const only = values.only ?? [];
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: there is no such name. Names are ${names.join(', ')}.`);
  const given = values['database-url'];
  const settings = readSettings(
    { AGENT_PLATFORM_DATABASE_URL },
    given === undefined ? env : { AGENT_PLATFORM_DATABASE_URL: given },
    given === undefined ? undefined : () => URL_OPTION,
  );
  return { help: false, only, url: settings.AGENT_PLATFORM_DATABASE_URL };
}

async function run(only: readonly string[], url: string): Promise<void> {
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  process.stdout.write(`Migrating ${shown.href}\n`);
  const width = Math.max(...names.map(({ length }) => length));
  const tell = (name: string, changes: readonly string[]): void =>
    void process.stdout.write(`  ${name.padEnd(width)}  ${changes.length === 0 ? 'up to date' : changes.join(', ')}\n`);
  const waiting = (reason: unknown): void => void process.stdout.write(`  ${reasonOf(reason)}; waiting for Postgres\n`);
  const changed = await migrateDatabase({ url, features, only, tell, waiting });
  process.stdout.write(changed === 0 ? 'Nothing had to be changed.\n' : 'Done.\n');
}

/** The words of Postgres or the socket; libraries wrap them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

try {
  loadEnvFile();
  const { help, only, url } = readOptions(process.argv.slice(2), process.env);
  if (help) process.stdout.write(usage());
  else
    await run(only, url).catch((error: unknown) => {
      const remedy = isOutage(error) ? ` Check that it runs there, and ${URL_OPTION} or AGENT_PLATFORM_DATABASE_URL.` : '';
      process.stderr.write(`Postgres: ${reasonOf(error)}.${remedy}\n`);
      process.exitCode = FAILED;
    });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n"npm run migrate -- --help" shows what it understands.\n`);
  process.exitCode = WRONG_USAGE;
}
