import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDurability, createEventLog, holdOwnerLock, migrate, openPool, type EventLog } from './index.ts';
import { accepted, event, freshStream, freshWorkspace, request, sequenceAll } from './testing/subject.ts';
import { startFaultyProxy, type FaultyProxy } from './testing/faulty-proxy.ts';
import { hasNativePostgres, startNativePostgres, type TestPostgres } from './testing/native-postgres.ts';

describe.skipIf(!hasNativePostgres())('crashes and races that need a real Postgres', () => {
  let server: TestPostgres;
  let proxy: FaultyProxy;
  let log: EventLog;
  let admin: Client;
  beforeAll(async () => {
    server = await startNativePostgres();
    await migrate(server.url);
    proxy = await startFaultyProxy(server.url);
    log = await createEventLog({ url: proxy.url });
    admin = new Client({ connectionString: server.url });
    await admin.connect();
  }, 60_000);
  afterAll(async () => {
    await log.close();
    await admin.end();
    await proxy.stop();
    await server.stop();
  }, 30_000);

  test('an append whose answer is lost is in the log once and answered as appended', async () => {
    for (const expected of [0, 'any', 'exists', 3] as const) {
      const stream = freshStream();
      if (expected === 'exists' || expected === 3) await log.append(request(stream, { events: [event('a.b'), event('a.b'), event('a.b')] }));
      const before = (await log.readStream(stream)).length;
      proxy.loseNextAnswer();
      const result = accepted(
        await log.append(request(stream, { expected, events: [event('thing.done'), event('thing.done')], command: { id: `c-${expected}`, fingerprint: 'f' } })),
      );
      expect(result.first_version).toBe(before + 1);
      const events = await log.readStream(stream);
      expect(events.map((one) => one.id).slice(before)).toEqual(result.event_ids);
      expect(events.at(-1)?.time).toBe(result.time);
    }
  });

  test('backends killed again and again under load: every acknowledged append is there, none twice', async () => {
    const workspace = freshWorkspace();
    let running = true;
    const killing = (async () => {
      // Not for ever: on a busy machine every append would meet its killer.
      for (let killed = 0; running && killed < 30;) {
        const { rowCount } = await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where query like '%append_batch%' and state = 'active' and pid <> pg_backend_pid()`,
        );
        killed += rowCount ?? 0;
        await admin.query('select pg_sleep(0.02)');
      }
    })();
    const acknowledged = await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const ids: string[] = [];
        for (let index = 0; index < 40; index++)
          ids.push(
            ...accepted(
              await log.append(request(freshStream(workspace, `s${writer}`), { expected: index * 2, events: [event('thing.done'), event('thing.done')] })),
            ).event_ids,
          );
        return ids;
      }),
    );
    running = false;
    await killing;
    for (const [writer, ids] of acknowledged.entries()) expect((await log.readStream(freshStream(workspace, `s${writer}`))).map((one) => one.id)).toEqual(ids);
  }, 60_000);

  test('Postgres away for longer than the patience: transient, and fine again afterwards', async () => {
    const impatient = await createEventLog({ url: proxy.url, patienceMs: 50 });
    proxy.cut();
    await expect(impatient.append(request(freshStream()))).rejects.toMatchObject({ kind: 'transient', code: 'log-unavailable' });
    await expect(impatient.head()).rejects.toMatchObject({ kind: 'transient', code: 'log-unavailable' });
    proxy.heal();
    expect(await log.append(request(freshStream()))).toMatchObject({ status: 'appended' });
    await impatient.close();
  });

  test('a full queue says so at once', async () => {
    const small = await createEventLog({ url: server.url, queue: 3 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => small.append(request(freshStream()))));
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
    expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'log-overloaded', status: 503, retryAfterSeconds: 1 });
    await small.close();
  });

  test('a transaction that took its number early and commits late is neither missed nor reordered', async () => {
    await sequenceAll(log);
    const start = await log.head();
    const [slow, fast] = [freshStream(), freshStream()];
    const append = (stream: typeof slow, id: string) =>
      `select * from event_log.append_batch(false, '{${id}}', '${stream.workspace_id}', '${stream.category}', '${stream.stream_id}', '{-2}', '{1}', '{"type":"a.b","schema_version":1,"data":{}}', 'a', 'c', '', '', null, null, null, null, null, null, null, null, null, null, null)`;
    await admin.query('begin');
    await admin.query(append(slow, '01900000-0000-7000-8000-000000001000'));
    await log.append(request(fast));
    expect((await log.sequence(100)).map((one) => one.stream)).toEqual([fast]);
    expect((await log.readLog(start, 10)).map((one) => one.workspace_id)).toEqual([fast.workspace_id]);
    const waiting = log.append(request(slow, { expected: 'any' }));
    await admin.query('commit');
    expect(accepted(await waiting).first_version).toBe(2);
    expect((await log.sequence(100)).map((one) => [one.stream, one.version, one.position])).toEqual([
      [slow, 1, start + 2],
      [slow, 2, start + 3],
    ]);
    expect((await log.readLog(start + 1, 10)).map((one) => one.version)).toEqual([1, 2]);
  });

  test('the lock of an owner dies with its connection, and comes back under the same number', async () => {
    const line = await startFaultyProxy(server.url);
    const [lock, other] = await Promise.all([holdOwnerLock(line.url), holdOwnerLock(server.url)]);
    const isAlive = async () => (await admin.query<{ alive: boolean }>('select event_log.owner_is_alive($1::int) as alive', [lock.owner])).rows[0]?.alive;
    const stream = { ...freshStream(), category: 'owned' };
    const claim = (owner: number) => log.append(request(stream, { lease: { use: 'claim', owner, ttlMs: 60_000 } }));
    await claim(lock.owner);
    expect(await claim(other.owner)).toEqual({ status: 'leased', owner: lock.owner });
    line.cut();
    await expect.poll(isAlive, { interval: 5 }).toBe(false);
    expect(await log.abandoned('owned', 10)).toEqual([stream]);
    expect(await claim(other.owner)).toMatchObject({ status: 'appended', epoch: 2 });
    await expect.poll(() => lock.alive(), { interval: 5 }).toBe(false);
    line.heal();
    await expect.poll(() => lock.alive(), { interval: 5 }).toBe(true);
    expect(await isAlive()).toBe(true);
    await Promise.all([lock.close(), other.close()]);
    await line.stop();
  });

  test('a server that may forget commits is refused by name', async () => {
    const pool = await openPool(server.url);
    await expect(checkDurability(pool)).resolves.toBeUndefined();
    await pool.end();
    const options = await openPool(`${server.url}?options=-c%20synchronous_commit%3Doff`);
    await expect(checkDurability(options)).rejects.toMatchObject({ code: 'log-not-durable', message: expect.stringContaining('synchronous_commit') });
    await expect(checkDurability(options, { allowOff: ['synchronous_commit'] })).resolves.toBeUndefined();
    await options.end();
  });
});
