import { startPglite } from '@agent-platform/embedded/index';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventLog, migrate, type EventLog, type LogQuery } from './index.ts';
import { PAGE } from './page-summary.ts';
import { accepted, event, freshStream, freshWorkspace, request, sequenceAll } from './testing/subject.ts';
import { hasNativePostgres, startNativePostgres } from './testing/native-postgres.ts';

function suite(start: () => Promise<{ readonly url: string; stop(): Promise<void> }>): void {
  let server: Awaited<ReturnType<typeof start>>;
  let log: EventLog;
  let admin: Client;
  beforeAll(async () => {
    server = await start();
    await migrate(server.url);
    log = await createEventLog({ url: server.url });
    admin = new Client({ connectionString: server.url });
    await admin.connect();
  }, 60_000);
  afterAll(async () => {
    await log.close();
    await admin.end();
    await server.stop();
  }, 30_000);

  test('history refuses update, delete and truncate, on the log and on every partition', async () => {
    await log.append(request(freshStream()));
    await sequenceAll(log);
    const { rows } = await admin.query<{ name: string }>('select name from event_log.partitions limit 1');
    for (const table of ['commits', 'positions', 'payloads', rows[0]?.name])
      for (const statement of [`delete from event_log.${table}`, `truncate event_log.${table}`])
        await expect(admin.query(statement)).rejects.toThrow('append-only');
    for (const statement of [
      'update event_log.commits set actor = null',
      `update event_log.${rows[0]?.name} set actor = null`,
      'update event_log.positions set event_count = 0',
    ])
      await expect(admin.query(statement)).rejects.toThrow('append-only');
  });

  test('migrating again changes nothing', async () => {
    await migrate(server.url);
    expect(await log.append(request(freshStream()))).toMatchObject({ status: 'appended' });
  });

  test('the view shows every event, poison and large ones too', async () => {
    const stream = freshStream();
    const data = [{ nul: '\u0000\ud800' }, { a: ',"data":' }, { large: 'x'.repeat(70_000) }];
    const result = accepted(await log.append(request(stream, { events: data.map((one, index) => event(`thing.e${index}`, one)) })));
    await sequenceAll(log);
    const { rows } = await admin.query('select * from event_log.events where workspace_id = $1 order by version', [stream.workspace_id]);
    const logged = await log.readLog((await log.head()) - 3, 10);
    expect(
      rows.map((row) => ({
        id: row.id,
        position: Number(row.position),
        version: Number(row.version),
        type: row.type,
        schema_version: row.schema_version,
        data: row.data,
      })),
    ).toEqual(logged.map(({ id, position, version, type, schema_version, data }) => ({ id, position, version, type, schema_version, data })));
    expect(rows.map((row) => row.id)).toEqual(result.event_ids);
  });

  test('a search is told the pages that may have what it looks for, also those that nobody has summarized yet', async () => {
    await sequenceAll(log);
    const workspace = freshWorkspace();
    const fill = async (type: string, count: number) =>
      void (await log.append(request(freshStream(workspace), { events: Array.from({ length: count }, () => event(type)) })));
    const start = Math.ceil((await log.head()) / PAGE) * PAGE;
    await fill('thing.noise', start + 3 * PAGE - (await log.head()));
    await fill('thing.rare', 2);
    await sequenceAll(log);
    const pagesOf = async (query: Partial<LogQuery>, after = start) => {
      const { pages, upTo } = await log.findPages({ workspace_id: workspace, ...query }, after, 2);
      return [...pages.map((page) => [page.after - start, page.to - start]), upTo - start];
    };
    const rare = [[3 * PAGE, 3 * PAGE + 2], 3 * PAGE + 2];
    for (const round of ['made by the sequencer', 'made by a search']) {
      expect(await pagesOf({ type: 'thing.rare' }), round).toEqual(round === 'made by a search' ? [2 * PAGE] : rare);
      if (round === 'made by a search') expect(await pagesOf({ type: 'thing.rare' }, start + 2 * PAGE)).toEqual(rare);
      expect(await pagesOf({ type: 'thing.rare' }), round).toEqual(rare);
      expect(await pagesOf({ type: 'thing.noise', stream_id: 's1', actor: 'user:ann' }, start + 5), round).toEqual([[5, PAGE], [PAGE, 2 * PAGE], 2 * PAGE]);
      expect(await pagesOf({ type: 'thing.noise', stream_id: 's2' }), round).toEqual([[3 * PAGE, 3 * PAGE + 2], 3 * PAGE + 2]);
      expect(await pagesOf({ to: '2020-01-01T00:00:00.000Z' }), round).toEqual(rare);
      expect(await pagesOf({ from: '2999-01-01T00:00:00.000Z' }), round).toEqual(rare);
      await admin.query('truncate event_log.summaries');
    }
    expect(await log.findPages({ workspace_id: workspace }, 1e9, 2)).toMatchObject({ pages: [], upTo: 1e9 });
  });

  test('partitions are made ahead, written across, and the old ones can be dropped', async () => {
    await sequenceAll(log);
    await admin.query(`select setval('event_log.commit_seq', (select max(to_seq) from event_log.partitions) - 3)`);
    const stream = freshStream();
    const start = await log.head();
    for (let index = 0; index < 6; index++) await log.append(request(stream, { expected: index * 2, events: [event('a.b', { index }), event('a.b')] }));
    expect(await log.readStream(stream, { from: 3, to: 10 })).toHaveLength(8);
    const { rows } = await admin.query<{ name: string; from_seq: string }>('select name, from_seq from event_log.partitions order by from_seq');
    expect(rows.length).toBeGreaterThan(1);
    await expect(admin.query(`select event_log.drop_partition('${rows[0]?.name}')`)).rejects.toThrow('without a position');
    await expect(admin.query(`select event_log.drop_partition('${rows.at(-1)?.name}')`)).rejects.toThrow('still being written');
    await expect(admin.query(`select event_log.drop_partition('commits')`)).rejects.toThrow('not a partition');
    await sequenceAll(log);
    expect((await log.readLog(start, 100)).map((one) => one.version)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    await admin.query(`select event_log.drop_partition('${rows[0]?.name}')`);
    const left = await log.readLog(0, 100);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(12);
    expect(left.at(-1)?.position).toBe(start + 12);
    expect((await log.readStream(stream)).map((one) => one.version)).toEqual(left.map((one) => one.version));
    expect(await log.append(request(stream, { expected: 12 }))).toMatchObject({ status: 'appended' });
  });
}

describe('the schema on PGlite', () => {
  suite(async () => {
    const { databaseUrl, stop } = await startPglite();
    return { url: databaseUrl, stop };
  });
});
describe.skipIf(!hasNativePostgres())('the schema on Postgres', () => {
  suite(startNativePostgres);
});
