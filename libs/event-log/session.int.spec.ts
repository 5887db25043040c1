import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from './session.ts';
import { startFaultyProxy } from './testing/faulty-proxy.ts';
import { startNativePostgres, type TestPostgres } from './testing/native-postgres.ts';

let server: TestPostgres;
beforeAll(async () => void (server = await startNativePostgres()));
afterAll(() => server.stop());

test('answers with the first value, and ends in order', async () => {
  const session = await openSession(server.url, 'orderly');
  expect(await session.ask('select 1; select 2 + 3')).toBe(5);
  await expect(session.ask('select nonsense')).rejects.toThrow('nonsense');
  await session.close();
  await session.ended;
});

test('notices a connection that is dead without having been closed', async () => {
  const line = await startFaultyProxy(server.url);
  const session = await openSession(line.url, 'dead', { askEveryMs: 20, answerMs: 100 });
  line.hold();
  await session.ended;
  await expect(session.ask('select 1')).rejects.toThrow('not queryable');
  await line.stop();
});
