import { BackendTerminatedUnexpectedlyError, type DriverClient, type DriverFactory } from 'slonik';
import { beforeEach, expect, test, vi } from 'vitest';
import { withAnswerDeadline } from './answer-deadline.ts';

const DEADLINE_MS = 1_000;
const ANSWER = { command: 'SELECT', fields: [], rowCount: 0, rows: [] } as const;

/** A driver whose connections answer, or not, as `dead` says. */
function fakeDriver() {
  const dead = new Set<DriverClient>();
  const destroyed: DriverClient[] = [];
  const make = (): DriverClient => {
    const client = {
      query: () => (dead.has(client) ? new Promise(() => undefined) : Promise.resolve(ANSWER)),
      destroy: () => Promise.resolve(destroyed.push(client)),
    } as unknown as DriverClient;
    return client;
  };
  const factory: DriverFactory = () => Promise.resolve({ createClient: () => Promise.resolve(make()) });
  return { factory, dead, destroyed };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  return () => vi.useRealTimers();
});

async function open() {
  const { factory, dead, destroyed } = fakeDriver();
  const driver = await withAnswerDeadline(factory, DEADLINE_MS)({ driverConfiguration: {} as Parameters<DriverFactory>[0]['driverConfiguration'] });
  return { driver, dead, destroyed };
}

test('an answer in time is passed on', async () => {
  const { driver, destroyed } = await open();
  const client = await driver.createClient();
  await expect(client.query('select 1')).resolves.toBe(ANSWER);
  vi.advanceTimersByTime(10 * DEADLINE_MS);
  expect(destroyed).toEqual([]);
});

test('a connection that does not answer is destroyed, and its question fails as an outage', async () => {
  const { driver, dead, destroyed } = await open();
  const client = await driver.createClient();
  dead.add(client);
  const asked = client.query('select 1');
  vi.advanceTimersByTime(DEADLINE_MS);
  await expect(asked).rejects.toThrow(BackendTerminatedUnexpectedlyError);
  expect(destroyed).toEqual([client]);
});

test('connections that were silent since then are not waited for; those that answered since, and new ones, are trusted', async () => {
  const { driver, dead, destroyed } = await open();
  const [first, silent, lively] = [await driver.createClient(), await driver.createClient(), await driver.createClient()];
  dead.add(first);
  vi.advanceTimersByTime(1);
  const asked = first.query('select 1');
  asked.catch(() => undefined);
  vi.advanceTimersByTime(DEADLINE_MS / 2);
  await lively.query('select 1');
  vi.advanceTimersByTime(DEADLINE_MS / 2);
  await expect(asked).rejects.toMatchObject({ cause: { message: 'Postgres did not answer within 1000 ms' } });
  await expect(silent.query('select 1')).rejects.toMatchObject({ cause: { message: 'Connections as old as this one are dead' } });
  await expect(lively.query('select 1')).resolves.toBe(ANSWER);
  await expect((await driver.createClient()).query('select 1')).resolves.toBe(ANSWER);
  expect(destroyed).toEqual([first, silent]);
});
