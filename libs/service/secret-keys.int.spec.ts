import { openPool } from '@agent-platform/event-log/index';
import { startNativePostgres, type TestPostgres } from '@agent-platform/event-log/testing/native-postgres';
import { createSecrets } from '@agent-platform/kernel/secrets';
import { type DatabasePool, sql } from 'slonik';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openKeys } from './secret-keys.ts';

let server: TestPostgres;
let pool: DatabasePool;
beforeAll(async () => {
  server = await startNativePostgres();
  pool = await openPool(server.url);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});
beforeEach(async () => {
  await pool.query(sql.unsafe`drop schema if exists platform cascade`);
});

const place = { workspace_id: 'acme', name: 'authorization' };
const secretsOf = async (secrets?: string, ...old: string[]) => {
  const opened = (await openKeys(pool, { secrets, old, roles: undefined })).secrets;
  if (!opened) throw new Error('locked');
  return opened;
};
const stored = async () => JSON.stringify(await pool.any(sql.unsafe`select * from platform.secret_keys`));
const FIRST = 'a key of the operator, long enough';
const SECOND = 'another key of the operator, as long';

test('processes that start side by side have one key, and so has a later one', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => secretsOf()));
  all.push(await secretsOf());
  expect(new Set(all.map((secrets) => secrets.seal(place, 'Bearer x'))).size).toBe(1);
});

test('a key of the operator closes the envelope: what was sealed before opens, and no process opens it without', async () => {
  const sealed = (await secretsOf()).seal(place, 'Bearer x');
  const clear = await stored();
  const after = await Promise.all(Array.from({ length: 4 }, () => secretsOf(FIRST)));
  for (const secrets of after) expect(secrets.open(place, sealed)).toBe('Bearer x');
  expect((await secretsOf(FIRST)).open(place, after[0]?.seal(place, 'Bearer y') ?? '')).toBe('Bearer y');
  const [{ key }] = JSON.parse(clear) as [{ key: string }];
  expect(await stored()).not.toContain(key);
  await expect(secretsOf(SECOND)).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('_OLD') as string });
  // Most roles need no secrets, and are not given the key.
  expect(await openKeys(pool, { secrets: undefined, roles: undefined })).not.toHaveProperty('secrets');
});

test('the operator’s key can be changed: both are given for a while, then the old one opens nothing', async () => {
  const sealed = (await secretsOf(FIRST)).seal(place, 'Bearer x');
  const both = await secretsOf(SECOND, FIRST);
  expect(both.open(place, sealed)).toBe('Bearer x');
  // Processes that have not been started anew yet may be, with what they were given.
  expect((await secretsOf(FIRST, SECOND)).open(place, both.seal(place, 'Bearer y'))).toBe('Bearer y');
  expect((await secretsOf(SECOND)).open(place, sealed)).toBe('Bearer x');
  await expect(secretsOf(FIRST)).rejects.toMatchObject({ code: 'bad-config' });
  expect((await secretsOf(undefined, SECOND)).open(place, sealed)).toBe('Bearer x');
  expect((await secretsOf()).open(place, sealed)).toBe('Bearer x');
});

test('what an earlier release sealed opens, with its own key and with the operator’s', async () => {
  const own = Buffer.alloc(32, 7);
  for (const operator of [undefined, FIRST]) {
    await pool.query(sql.unsafe`drop schema if exists platform cascade`);
    await pool.query(sql.unsafe`create schema platform`);
    await pool.query(sql.unsafe`create table platform.secret_key (only_one boolean primary key default true check (only_one), key text not null)`);
    await pool.query(sql.unsafe`insert into platform.secret_key (key) values (${own.toString('hex')})`);
    const before = createSecrets(operator === undefined ? [own] : [Buffer.from(operator), own]);
    const sealed = before.seal(place, 'Bearer x');
    for (let start = 0; start < 2; start++) expect((await secretsOf(operator)).open(place, sealed)).toBe('Bearer x');
    expect(await stored()).not.toContain(operator === undefined ? 'never' : own.toString('hex'));
  }
});

test('the roles have one key of their own, or the one that the operator gave, whatever seals secrets', async () => {
  const keyOf = async (roles?: string, secrets?: string) => (await openKeys(pool, { secrets, roles })).roleKey.export().toString('hex');
  const own = await keyOf();
  expect(await keyOf(undefined, FIRST)).toBe(own);
  expect(await keyOf(FIRST, FIRST)).toBe(await keyOf(FIRST, FIRST));
  expect(await keyOf(FIRST, FIRST)).not.toBe(own);
});
