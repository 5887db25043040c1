import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { allStatuses } from '@agent-platform/runtime/read-models';
import type { Context } from './context.ts';
import { fail, type Finding, ok, orFail, warn } from './doctor.check.ts';
import { type Database, databaseUrl, withDatabase } from './postgres.session.ts';

const OLDEST = 15;

const Setting = z.object({ name: z.string(), setting: z.string() });
const Version = z.object({ version: z.string() });
const Count = z.object({ count: z.number() });

/** Postgres: version, whether a commit means "on disk", and read models that want an operator. */
export const lookAtPostgres = (context: Context): Promise<readonly Finding[]> =>
  databaseUrl(context) === undefined
    ? Promise.resolve([
        warn(
          'postgres',
          'not looked at: AGENT_PLATFORM_DATABASE_URL is not set',
          'Set it to look at Postgres itself too; "ap up" and npm start show that of the built-in one.',
        ),
      ])
    : orFail('postgres', 'Check AGENT_PLATFORM_DATABASE_URL and that Postgres runs.', () =>
        withDatabase(context, async (database) => [...(await settings(database.pool)), ...(await readModels(database))]),
      );

async function settings(pool: DatabasePool): Promise<readonly Finding[]> {
  const pglite = /emscripten|emcc|wasm/i.test(await pool.oneFirst(sql.type(Version)`select version() as version`));
  const rows = await pool.any(
    sql.type(
      Setting,
    )`select name, setting from pg_settings where name in ('server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  const of = (name: string) => rows.find((row) => row.name === name)?.setting ?? 'unknown';
  const version = Number(of('server_version_num')) / 10_000;
  const off = rows.filter((row) => row.setting === 'off').map((row) => row.name);
  return [
    version >= OLDEST ? ok('postgres version', of('server_version')) : fail('postgres version', of('server_version'), `Upgrade to ${OLDEST} or newer.`),
    durability(off, pglite),
  ];
}

function durability(off: readonly string[], pglite: boolean): Finding {
  if (pglite)
    return warn('postgres durability', 'PGlite, the built-in one: for trying out', 'For production set AGENT_PLATFORM_DATABASE_URL to a Postgres server.');
  if (off.length === 0) return ok('postgres durability', 'a commit is on disk (fsync, full_page_writes, synchronous_commit)');
  return fail('postgres durability', `${off.join(', ')} off: committed events can be lost`, 'Turn it on in postgresql.conf and reload.');
}

async function readModels({ pool, projections }: Database): Promise<readonly Finding[]> {
  const live = (await allStatuses(pool)).filter(({ state }) => state === 'live');
  const old = projections.filter(({ name, version }) => live.some((one) => one.name === name && one.version !== version));
  const quarantined = await pool.one(sql.type(Count)`select count(*)::float8 as count from read_models.quarantine`);
  return [
    ...old.map(({ name, version }) => warn('read model version', `${name} is not of version ${version}`, `ap projections rebuild ${name}`)),
    ...(quarantined.count === 0
      ? []
      : [
          warn(
            'quarantine',
            `${quarantined.count} events could not be projected`,
            'select * from read_models.quarantine; mend the projection, then ap projections rebuild',
          ),
        ]),
  ];
}
