import { openPool } from '@agent-platform/event-log/index';
import { startNativePostgres, type TestPostgres } from '@agent-platform/event-log/testing/native-postgres';
import type { DatabasePool } from 'slonik';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const place = { workspace_id: 'acme', name: 'authorization' };
const secretsOf = async (secrets?: string) => (await openKeys(pool, { secrets, roles: undefined })).secrets;
const OPERATOR = 'a key of the operator, long enough';

test('processes that start side by side have one key, and so has a later one', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => secretsOf()));
  all.push(await secretsOf());
  expect(new Set(all.map((secrets) => secrets.seal(place, 'Bearer x'))).size).toBe(1);
});

test('a key of the operator seals from then on; what was sealed before opens, and nothing new without it', async () => {
  const before = await secretsOf();
  const after = await secretsOf(OPERATOR);
  expect(after.open(place, before.seal(place, 'Bearer x'))).toBe('Bearer x');
  expect((await secretsOf(OPERATOR)).open(place, after.seal(place, 'Bearer y'))).toBe('Bearer y');
  expect(before.open(place, after.seal(place, 'Bearer y'))).toBeNull();
});

test('the roles have one key of their own, or the one that the operator gave, whatever seals secrets', async () => {
  const keyOf = async (roles?: string, secrets?: string) => Buffer.from((await openKeys(pool, { secrets, roles })).roleKey).toString('hex');
  expect(await keyOf()).toBe(await keyOf(undefined, OPERATOR));
  expect(await keyOf(OPERATOR)).toBe(await keyOf(OPERATOR));
  expect(await keyOf(OPERATOR)).not.toBe(await keyOf());
});
