import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningPostgres, startNativePostgres } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { createPool, sql } from 'slonik';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { migrateDatabase } from './migrate-database.ts';

const PROGRAM = path.join(import.meta.dirname, 'migrate.ts');
/** The log first, then the read models in the order of their features. */
const NAMES = ['event-log', ...createFeatures({ nodes: createRegistry([]) }).flatMap(({ projections }) => projections.map(({ name }) => name))];
let folder: string;
let server: RunningPostgres;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'migrate-'));
  server = await startNativePostgres({ dataDir: folder });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A new database on the server, with what it holds. */
async function database(name: string) {
  const admin = await createPool(server.databaseUrl);
  await admin.query(sql.unsafe`create database ${sql.identifier([name])}`);
  await admin.end();
  const url = server.databaseUrl.replace(/\/postgres$/, `/${name}`);
  return {
    url,
    schemas: async () => {
      const pool = await openPool(url);
      const Schema = z.object({ name: z.string() });
      const names = await pool.anyFirst(
        sql.type(Schema)`select schema_name::text as name from information_schema.schemata where schema_name ~ '^(event_log|read_)' order by 1`,
      );
      await pool.end();
      return names;
    },
  };
}

/** Runs the program as an operator does. */
function migrate(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; out: string; errors: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'], ...env } });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, errors })));
}

/** Names in the order in which they were told. */
const told = (out: string): (string | undefined)[] => [...out.matchAll(/^ {2}(\S+) {2}/gm)].map(([, name]) => name);

test('migrates everything in order; the second time nothing is changed, and it says so', async () => {
  const { url, schemas } = await database('everything');
  const first = await migrate([], { AGENT_PLATFORM_DATABASE_URL: url });
  expect(first).toMatchObject({ code: 0, errors: '' });
  expect(told(first.out)).toEqual(NAMES);
  expect(first.out).toContain('0001_tables, 0002_immutability');
  expect(first.out).toMatch(/run +made, version \d+\n[^]*Done\.\n$/);
  expect(await schemas()).toEqual(['event_log', 'read_models', ...NAMES.slice(1).map((name) => `read_${name}`)].sort());
  const second = await migrate(['--database-url', url]);
  expect(second).toMatchObject({ code: 0, errors: '' });
  expect(second.out.match(/up to date/g)).toHaveLength(NAMES.length);
  expect(second.out).toMatch(/Nothing had to be changed\.\n$/);
});

test('--only limits it, in the order of the list and not of the options', async () => {
  const { url, schemas } = await database('some');
  const { code, out } = await migrate(['--only', 'run', '--only', 'event-log', '--database-url', url]);
  expect(code).toBe(0);
  expect(told(out)).toEqual(['event-log', 'run']);
  expect(await schemas()).toEqual(['event_log', 'read_models', 'read_run']);
});

test('an unknown name and a missing address are wrong usage, with what would be right', async () => {
  const unknown = await migrate(['--only', 'run', '--only', 'sessions'], { AGENT_PLATFORM_DATABASE_URL: server.databaseUrl });
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.errors).toContain(`--only sessions: there is no such name. Names are ${NAMES.join(', ')}.`);
  const missing = await migrate([], { AGENT_PLATFORM_DATABASE_URL: '' });
  expect(missing).toMatchObject({ code: 2, out: '' });
  expect(missing.errors).toContain('AGENT_PLATFORM_DATABASE_URL: is missing');
});

test('--help names what it migrates, and changes nothing', async () => {
  const { code, out } = await migrate(['--help']);
  expect(code).toBe(0);
  for (const name of NAMES) expect(out).toContain(`\n  ${name} `);
});

test('what Postgres refuses is told in its words', async () => {
  const { code, errors } = await migrate(['--database-url', server.databaseUrl.replace(/\/postgres$/, '/nowhere')]);
  expect(code).toBe(1);
  expect(errors).toBe('Postgres: database "nowhere" does not exist.\n');
});

test('a read model whose version is another one is built anew', async () => {
  const { url } = await database('newer');
  const features = createFeatures({ nodes: createRegistry() });
  const newer = features.map((feature) => ({ ...feature, projections: feature.projections.map((one) => ({ ...one, version: one.version + 1 })) }));
  const changes: (readonly string[])[] = [];
  const run = (list: typeof features) =>
    migrateDatabase({ url, features: list, only: ['event-log', 'tool'], tell: (_, what) => changes.push(what), waiting: () => undefined });
  expect([await run(features), await run(newer), await run(newer)]).toEqual([2, 1, 0]);
  expect(changes.slice(2)).toEqual([[], [expect.stringMatching(/^built anew from the log up to event 0, version (\d+) to \d+$/)], [], []]);
});
