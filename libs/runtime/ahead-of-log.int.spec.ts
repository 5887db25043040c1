import { sql, type DatabasePool } from 'slonik';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventLog, migrate, openPool, type EventLog } from '@agent-platform/event-log/index';
import { hasNativePostgres, startNativePostgres, type TestPostgres } from '@agent-platform/event-log/testing/native-postgres';
import { event, freshStream, request, sequenceAll } from '@agent-platform/event-log/testing/subject';
import type { Projection } from '@agent-platform/kernel/index';
import { ProjectionWriter } from './project.ts';
import { startProjector } from './projector.ts';
import { ensureReadModels, statusOf } from './read-models.ts';
import { rebuild, verify } from './rebuild.ts';
import { startRelay } from './relay.ts';

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const things: Projection = {
  name: 'things',
  version: 1,
  sql: 'create table things (id text primary key, count integer not null, note jsonb, seen_at timestamptz, label text);',
  events: ['thing.counted'],
  project: ({ stream_id, version, data, time }) => [
    { table: 'things', key: { id: stream_id }, set: { count: version, note: data['note'] ?? null, seen_at: time, label: (data['label'] as string) ?? null } },
  ],
};

/** Resolves with the code of the first failure that a role complains of. */
function firstComplaint(): { readonly code: Promise<unknown>; readonly logger: typeof SILENT } {
  let tell: (code: unknown) => void;
  const code = new Promise<unknown>((resolve) => (tell = resolve));
  return { code, logger: { ...SILENT, warn: (about: unknown) => tell((about as { error?: { code?: unknown } }).error?.code) } as typeof SILENT };
}

describe.skipIf(!hasNativePostgres())('a log that lost its end', () => {
  let server: TestPostgres;
  let pool: DatabasePool;
  let log: EventLog;
  beforeAll(async () => {
    server = await startNativePostgres();
    await migrate(server.url);
    pool = await openPool(server.url, { connections: 4 });
    log = await createEventLog({ pool });
    await ensureReadModels(pool, [things]);
    const labels = ['plain', 'new\nline and "quotes" \\ \u0001', '', null];
    for (const [i, label] of labels.entries()) {
      await log.append(request(freshStream('w', `s${i}`), { events: [event('thing.counted', { label, note: i % 2 ? { deep: [1, null, 'null'] } : null })] }));
    }
    await sequenceAll(log);
    await new ProjectionWriter(pool, 'live', SILENT).apply([things], 0, await log.readLog(0, 100));
  }, 60_000);
  afterAll(async () => {
    await log.close();
    await pool.end();
    await server.stop();
  }, 30_000);

  const loseEnd = () => pool.query(sql.unsafe`update read_models.projections set position = 9 where name = 'things'`);

  test('rows are what was projected, column by column', async () => {
    const rows = await pool.any(sql.unsafe`select id, count, note, label, note is null as empty from "read_things"."things" order by id`);
    expect(rows).toEqual([
      { id: 's0', count: 1, note: null, label: 'plain', empty: true },
      { id: 's1', count: 1, note: { deep: [1, null, 'null'] }, label: 'new\nline and "quotes" \\ \u0001', empty: false },
      { id: 's2', count: 1, note: null, label: '', empty: true },
      { id: 's3', count: 1, note: { deep: [1, null, 'null'] }, label: null, empty: false },
    ]);
    await expect(verify({ pool, log, projection: things, logger: SILENT })).resolves.toMatchObject({ position: 4, equal: true });
  });

  test('is noticed by verify, instead of waiting for events that never come', async () => {
    await loseEnd();
    await expect(verify({ pool, log, projection: things, logger: SILENT })).rejects.toMatchObject({ code: 'read-model-ahead-of-log' });
  });

  test('is noticed by the projector, which would skip what comes next', async () => {
    await loseEnd();
    const { code, logger } = firstComplaint();
    const consume = () => expect.unreachable('the projector must not read on');
    const projector = startProjector({ pool, log, projections: [things], consume, logger });
    await expect(code).resolves.toBe('read-model-ahead-of-log');
    await projector.stop();
  });

  test('is put right by a rebuild', async () => {
    await loseEnd();
    await expect(rebuild({ pool, log, projection: things, logger: SILENT })).resolves.toBe(4);
    expect(await statusOf(pool, 'things', 'live')).toMatchObject({ position: 4 });
    await expect(verify({ pool, log, projection: things, logger: SILENT })).resolves.toMatchObject({ position: 4, equal: true });
  });

  test.each([
    ['past its end', 9],
    ['where the log has another event by now', 4],
  ])('is noticed by the relay, which would give positions a second time: JetStream stands %s', async (_where, position) => {
    const { code, logger } = firstComplaint();
    const newest = { position, eventId: '01900000-0000-7000-8000-000000000000' };
    const publisher = { resume: () => Promise.resolve(newest), publish: () => expect.unreachable('the relay must not publish') };
    const relay = startRelay({ log, publisher, ensureStream: () => Promise.resolve(), logger });
    await expect(code).resolves.toBe('stream-ahead-of-log');
    await relay.stop();
  });

  test('a stream whose events have all become too old is gone on with, not filled from the beginning', async () => {
    const stream: number[] = [];
    const startOn = (known: number | null) => {
      const { promise: resumed, resolve } = Promise.withResolvers<number>();
      const publisher = {
        resume: (stored = 0) => {
          resolve(stored);
          return Promise.resolve({ position: known ?? stored, eventId: null });
        },
        publish: (events: readonly { position: number }[]) => Promise.resolve(void stream.push(...events.map(({ position }) => position))),
      };
      return { resumed, relay: startRelay({ log, publisher, ensureStream: () => Promise.resolve(), logger: SILENT }) };
    };
    await log.append(request(freshStream('w', 'many'), { events: Array.from({ length: 1_000 }, () => event('thing.counted')) }));
    const first = startOn(0);
    await expect.poll(() => log.cursor('relay')).toBe(1_004);
    await first.relay.stop();
    const second = startOn(null);
    expect(await second.resumed).toBe(1_004);
    await second.relay.stop();
    expect(stream).toEqual(Array.from({ length: 1_004 }, (_, i) => i + 1));
  });
});
