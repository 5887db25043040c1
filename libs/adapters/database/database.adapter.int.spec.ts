import { createServer, type AddressInfo } from 'node:net';
import { createTemporaryFolder, type RunningPostgres, startNativePostgres } from '@agent-platform/embedded/index';
import { Failure } from '@agent-platform/kernel/index';
import { mayHaveArrived } from '@agent-platform/ports/http.port';
import type { DatabaseQuery } from '@agent-platform/ports/database.port';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabasePort } from './index.ts';

const silent = createServer(() => undefined);
let server: RunningPostgres;
let admin: Client;
/** Secrets of the workspace that asks. */
const secrets = new Map<string, string>();
const secretOf = async (name: string): Promise<string | null> => secrets.get(name) ?? null;
let ask: (sql: string, more?: Partial<DatabaseQuery>, signal?: AbortSignal) => ReturnType<ReturnType<typeof createDatabasePort>['query']>;

beforeAll(async () => {
  server = await startNativePostgres({ dataDir: createTemporaryFolder('tool-database-').path });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  admin = new Client({ connectionString: server.databaseUrl });
  await admin.connect();
  await admin.query(`create sequence numbers; create table products (id int primary key, name text, price numeric, tags text[], made timestamptz, data jsonb);
    insert into products select n, 'p' || n, n + 0.10, '{a,b}', '2030-01-01T00:00:00.000001Z', '{"n": 1}' from generate_series(1, 2000) n`);
  const database = createDatabasePort(
    JSON.stringify({
      shop: { url: server.databaseUrl, timeout_seconds: 5, max_connections: 2 },
      orders: { url: server.databaseUrl, write: true, workspaces: ['acme'] },
      small: { url: server.databaseUrl, max_bytes: 1000 },
      gone: { url: 'postgresql://someone:pass-word-1@127.0.0.1:1/nothing' },
      wrong: { url: server.databaseUrl.replace(/\/[^/]*$/, '/no_such_database') },
      silent: { url: `postgresql://a@127.0.0.1:${(silent.address() as AddressInfo).port}/b` },
      lent: { url: server.databaseUrl.replace(/\/\/([^:@]*)/, '//{{ secrets.user }}') },
      variable: { url: 'postgresql://a:${SHOP_PASSWORD}@127.0.0.1:1/b' },
    }),
    { SHOP_PASSWORD: 'p@ss/word' },
  );
  ask = (sql, more = {}, signal = new AbortController().signal) =>
    database.query(
      { workspace_id: 'acme', connection: 'shop', sql, parameters: [], mode: 'read', max_rows: 100, timeout_ms: 5000, secretOf, ...more },
      { signal },
    );
});
afterAll(async () => {
  await admin.end();
  silent.close();
  await server.stop();
});

const failed = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  return { code: error.code, kind: error.kind, message: error.message, sent: mayHaveArrived(error) };
};
const countOf = async (where = 'true') => Number((await admin.query(`select count(*) from products where ${where}`)).rows[0].count);

describe('reading', () => {
  test('values are JSON, and parameters are values whatever they hold', async () => {
    const answer = await ask(
      'select id, name, price, tags, made, data, id > 0 as yes, 9007199254740993 as big, null as nothing from products where name = $1',
      {
        parameters: ['p7'],
      },
    );
    expect(answer).toMatchObject({ columns: ['id', 'name', 'price', 'tags', 'made', 'data', 'yes', 'big', 'nothing'], row_count: 1, truncated: false });
    expect(answer.rows).toEqual([
      {
        id: 7,
        name: 'p7',
        price: '7.10',
        tags: '{a,b}',
        made: '2030-01-01 00:00:00.000001+00',
        data: { n: 1 },
        yes: true,
        big: '9007199254740993',
        nothing: null,
      },
    ]);
    expect((await ask('select * from products where name = $1', { parameters: ["x' or '1'='1"] })).rows).toEqual([]);
    expect((await ask(`select $1::int + 1 as n, $2::jsonb as j, 1 as "__proto__"`, { parameters: [1, { a: [1] }] })).rows).toEqual([
      Object.fromEntries([
        ['n', 2],
        ['j', { a: [1] }],
        ['__proto__', 1],
      ]),
    ]);
  });

  test('an address may name secrets of the workspace, looked up for each call', async () => {
    const lent = { connection: 'lent' };
    expect(await failed(ask('select 1', lent))).toMatchObject({ code: 'secret-missing', kind: 'invalid' });
    secrets.set('user', new URL(server.databaseUrl).username);
    expect((await ask('select current_user::text = $1 as own', { ...lent, parameters: [secrets.get('user') ?? ''] })).rows).toEqual([{ own: true }]);
    secrets.set('user', 'nobody:@elsewhere.test/x');
    expect(await failed(ask('select 1', lent))).toMatchObject({ code: 'database-unreachable', message: expect.not.stringContaining('nobody') as string });
  });

  test('more rows than asked for, or than fit, are cut', async () => {
    const rows = await ask('select id from products order by id', { max_rows: 3 });
    expect(rows).toMatchObject({ rows: [{ id: 1 }, { id: 2 }, { id: 3 }], truncated: true });
    const bytes = await ask('select * from products', { connection: 'small' });
    expect(bytes.truncated).toBe(true);
    expect(JSON.stringify(bytes.rows).length).toBeLessThan(3000);
    expect(await ask(`select repeat('0123456789', 3000000) as long`, { connection: 'small' })).toMatchObject({ truncated: true, rows: [] });
    expect(await ask('copy (select * from products, generate_series(1, 100)) to stdout', { connection: 'small' })).toMatchObject({ truncated: true });
  });

  test.each([
    ['insert', `insert into products (id) values (-1)`],
    ['a function that writes', `select setval('numbers', 7)`],
    ['a table', 'create table t (a int)'],
    ['a writing query', 'with gone as (delete from products returning id) select * from gone'],
    ['a lock', 'select * from products for update'],
    ['truncate', 'truncate products'],
    ['two statements', 'commit; delete from products'],
    ['two with a comment', `select 1; /* x */ drop table products`],
    ['copy from', 'copy products from stdin'],
    ['a program', `copy products from program 'true'`],
    ['a block', `do $$ begin delete from products; end $$`],
  ])('%s changes nothing', async (_name, sql) => {
    const before = await countOf();
    const { code, kind } = await failed(ask(sql));
    expect(['database-read-only', 'database-query-failed']).toContain(code);
    expect(['denied', 'invalid']).toContain(kind);
    expect(await countOf()).toBe(before);
  });

  test.each(['commit', 'rollback', 'set transaction read write', `set session characteristics as transaction read write`, `set statement_timeout = 0`, ''])(
    '"%s" has no effect on the next call',
    async (sql) => {
      await ask(sql).catch(() => undefined);
      expect(await failed(ask('delete from products'))).toMatchObject({ code: 'database-read-only' });
      expect((await ask('show statement_timeout')).rows).toEqual([{ statement_timeout: '5s' }]);
    },
  );

  test('a slow statement ends at its limit, on the server too; one that is given up at once', async () => {
    expect(await failed(ask('select pg_sleep(60)', { timeout_ms: 150 }))).toMatchObject({ code: 'database-timeout', kind: 'transient' });
    const stop = new AbortController();
    const running = failed(ask(`select pg_sleep(60)`, {}, stop.signal));
    setImmediate(() => stop.abort());
    expect(await running).toMatchObject({ code: 'database-aborted' });
    expect(await failed(ask('select 1', { connection: 'silent', timeout_ms: 100 }))).toMatchObject({ code: 'database-timeout', sent: false });
  });

  test('more calls than connections wait for each other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask(`select count(*) from pg_stat_activity where application_name = 'agent-platform tool'`)),
    );
    for (const { rows } of answers) expect(Number(rows[0]?.['count'])).toBeLessThanOrEqual(2);
  });
});

describe('writing', () => {
  test('is for connections that allow it, and asked for by name', async () => {
    const write = { mode: 'write' } as const;
    expect(await failed(ask('delete from products', write))).toMatchObject({ code: 'database-write-denied', kind: 'denied' });
    expect(await failed(ask('delete from products', { connection: 'orders' }))).toMatchObject({ code: 'database-read-only' });
    const made = await ask('insert into products (id, name) values ($1, $2) returning id', { ...write, connection: 'orders', parameters: [-2, 'new'] });
    expect(made).toMatchObject({ rows: [{ id: -2 }], row_count: 1 });
    expect(await countOf('id = -2')).toBe(1);
    expect(await failed(ask('insert into products (id) values (-2)', { ...write, connection: 'orders' }))).toMatchObject({
      code: 'database-query-failed',
      message: expect.stringContaining('23505') as string,
      sent: false,
    });
  });

  test('returns a part, and is done as a whole', async () => {
    const answer = await ask(`update products set name = 'all' where id > 0 returning id`, { mode: 'write', connection: 'orders', max_rows: 2 });
    expect(answer).toMatchObject({ truncated: true, row_count: 2000 });
    expect(answer.rows).toHaveLength(2);
    expect(await countOf(`name = 'all'`)).toBe(2000);
  });
});

describe('what can’t be asked is refused, and tells no secret', () => {
  test.each([
    ['an unknown name', { connection: 'nobody' }, 'database-not-configured'],
    ['another workspace', { connection: 'orders', workspace_id: 'rival' }, 'database-not-configured'],
    ['a server that is away', { connection: 'gone' }, 'database-unreachable'],
    ['a database that is not there', { connection: 'wrong' }, 'database-unreachable'],
    ['a variable in the address', { connection: 'variable' }, 'database-unreachable'],
  ])('%s', async (_name, more, code) => {
    const failure = await failed(ask('select 1', more));
    expect(failure).toMatchObject({ code, sent: code === 'database-not-configured' });
    expect(failure.message).not.toMatch(/pass-word-1|no_such_database|p@ss|p%40ss|someone/);
  });
  test('names of other workspaces are not told', async () => {
    expect((await failed(ask('select 1', { connection: 'nobody', workspace_id: 'rival' }))).message).not.toContain('orders');
  });
  test('an error says where', async () => {
    expect(await failed(ask('select nothing_there'))).toMatchObject({
      code: 'database-query-failed',
      message: expect.stringContaining('character 8') as string,
    });
  });
  test.each([
    ['no JSON', 'shop: x'],
    ['no Postgres', JSON.stringify({ shop: { url: 'mysql://secret-pass@a/b' } })],
    ['a name that is none', JSON.stringify({ 'a b': { url: 'postgresql://a/b' } })],
    ['an unknown member', JSON.stringify({ a: { url: 'postgresql://a/b', writes: true } })],
    ['a secret in the place of a host', JSON.stringify({ a: { url: 'postgresql://a:b@{{ secrets.host }}/b' } })],
    ['a secret with a filter', JSON.stringify({ a: { url: 'postgresql://a:{{ secrets.a | upper }}@b/c' } })],
    ['a variable that is not set', JSON.stringify({ a: { url: 'postgresql://a:${NOT_SET}@a/b' } })],
  ])('a setting that is wrong ends the start: %s', (_name, setting) => {
    expect(() => createDatabasePort(setting, {})).toThrow(/AGENT_PLATFORM_TOOL_DATABASES/);
    expect(() => createDatabasePort(setting, {})).not.toThrow(/secret-pass/);
  });
});
