import { describe, expect, test } from 'vitest';
import { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { accepted, event, freshStream, freshWorkspace, request, sequenceAll, type Tests } from './subject.ts';

export const readingTests: Tests = (subject) => {
  describe('reading', () => {
    test('ranges and limits of a stream, many streams at once', async () => {
      const { log } = subject();
      const workspace = freshWorkspace();
      const stream = freshStream(workspace);
      for (const count of [3, 1, 4]) await log.append(request(stream, { events: Array.from({ length: count }, () => event('thing.done')) }));
      const versions = async (range?: { from?: number; to?: number; limit?: number }) => (await log.readStream(stream, range)).map((one) => one.version);
      expect(
        await Promise.all([
          versions(),
          versions({ from: 2 }),
          versions({ from: 6, to: 7 }),
          versions({ from: 3, limit: 2 }),
          versions({ to: 0 }),
          versions({ from: 9 }),
          versions({ limit: 0 }),
        ]),
      ).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8], [6, 7], [3, 4], [], [], []]);
      expect(await log.readStream(freshStream(workspace, 'none'))).toEqual([]);
    });

    test('positions are dense, given once, and found by event id', async () => {
      const { log } = subject();
      await sequenceAll(log);
      const before = await log.head();
      const workspace = freshWorkspace();
      const ids: string[] = [];
      for (const id of ['a', 'b'])
        ids.push(...accepted(await log.append(request(freshStream(workspace, id), { events: [event('thing.made'), event('thing.done')] }))).event_ids);
      expect(await log.positionOf(ids[1] as string)).toBeNull();
      const given = await log.sequence(1000);
      expect(given.map((one) => one.position)).toEqual([1, 2, 3, 4].map((n) => before + n));
      expect(given.map((one) => one.id)).toEqual(ids);
      expect(await log.sequence(1000)).toEqual([]);
      expect(await log.head()).toBe(before + 4);
      expect(await Promise.all(ids.map((id) => log.positionOf(id)))).toEqual(given.map((one) => one.position));
      expect(await log.positionOf(`${(ids[0] as string).slice(0, 33)}002`)).toBeNull();
      expect(await log.positionOf('nonsense')).toBeNull();
      expect(await log.positionOf('01900000-0000-7000-8000-000000000000')).toBeNull();
      expect(await log.readSequenced(before, 1000)).toEqual(given);
      expect((await log.readLog(before + 1, 2)).map((one) => one.id)).toEqual([ids[1], ids[2]]);
      expect(await log.readLog(before + 4, 10)).toEqual([]);
      for (const one of given) expect(EventEnvelope.parse(JSON.parse(one.json))).toEqual((await log.readLog(one.position - 1, 1))[0]);
    });

    test('sequencing never splits an append and respects its limit otherwise', async () => {
      const { log } = subject();
      await sequenceAll(log);
      const stream = freshStream();
      for (let index = 0; index < 3; index++) await log.append(request(stream, { events: Array.from({ length: 5 }, () => event('thing.done')) }));
      expect(await log.sequence(6)).toHaveLength(10);
      expect(await log.sequence(6)).toHaveLength(5);
    });

    test('what is looked for lies in the pages that a search is told', async () => {
      const { log } = subject();
      const workspace = freshWorkspace();
      for (const type of ['thing.a', 'thing.b', 'thing.c']) await log.append(request(freshStream(workspace), { events: [event(type)] }));
      await sequenceAll(log);
      const { pages, upTo, head } = await log.findPages({ workspace_id: workspace, type: 'thing.b' }, 0, 1_000);
      expect([upTo, head]).toEqual(Array(2).fill(await log.head()));
      const found = await Promise.all(pages.map(({ after, to }) => log.readLog(after, to - after)));
      expect(found.flat().filter((one) => one.workspace_id === workspace && one.type === 'thing.b')).toHaveLength(1);
      expect((await log.findPages({ workspace_id: workspace }, head, 10)).pages).toEqual([]);
    });

    test('large data lies outside the log, in the message as a reference, and is there for readers', async () => {
      const { log } = subject();
      await sequenceAll(log);
      const before = await log.head();
      const stream = freshStream();
      const data = { text: 'é'.repeat(40_000), nul: '\u0000' };
      await log.append(request(stream, { events: [event('thing.large', data), event('thing.small', { a: 1 })] }));
      await log.append(request(stream, { events: [event('thing.large', data)] }));
      expect((await log.readStream(stream)).map((one) => one.data)).toEqual([data, { a: 1 }, data]);
      const given = await log.sequence(10);
      expect((await log.readLog(before, 10)).map((one) => one.data)).toEqual([data, { a: 1 }, data]);
      const first = JSON.parse((given[0] as { json: string }).json) as Record<string, unknown>;
      expect(first['data']).toBeUndefined();
      expect(first['payload_ref']).toMatch(/^sha256:[0-9a-f]{64}$/);
    });

    test('old schema versions come back in the newest; what is published is what was stored', async () => {
      const { log, harness } = subject();
      const stream = freshStream();
      const upcasting = await harness.open({
        upcast: (type, schema_version, data) =>
          type === 'thing.named' && schema_version === 1 ? { schema_version: 2, data: { title: data['name'] ?? null } } : { schema_version, data },
      });
      await log.append(
        request(stream, {
          events: [event('thing.named', { name: 'x' }), { ...event('thing.named', { title: 'y' }), schema_version: 2 }, event('unknown.type', { z: 1 })],
        }),
      );
      const events = await upcasting.readStream(stream);
      expect(events.map((one) => [one.schema_version, one.data])).toEqual([
        [2, { title: 'x' }],
        [2, { title: 'y' }],
        [1, { z: 1 }],
      ]);
      await upcasting.close();
    });

    test('cursors move by compare-and-set', async () => {
      const { log } = subject();
      const name = freshWorkspace();
      expect(await log.cursor(name)).toBe(0);
      expect(await log.moveCursor(name, 3, 4)).toBe(false);
      expect(await Promise.all([log.moveCursor(name, 0, 5), log.moveCursor(name, 0, 5), log.moveCursor(name, 0, 5)])).toContain(true);
      expect(await log.cursor(name)).toBe(5);
      expect(await log.moveCursor(name, 0, 9)).toBe(false);
      expect(await log.moveCursor(name, 5, 9)).toBe(true);
      expect(await log.cursor(name)).toBe(9);
    });

    test('snapshots: the newest version stays, and goes with a newer one of another schema', async () => {
      const { log } = subject();
      const stream = freshStream();
      expect(await log.readSnapshot(stream, 'v1')).toBeNull();
      await log.writeSnapshot(stream, 'v1', 5, { a: 'x\u0000' });
      await log.writeSnapshot(stream, 'v1', 4, { a: 'old' });
      expect(await log.readSnapshot(stream, 'v1')).toEqual({ version: 5, state: { a: 'x\u0000' } });
      expect(await log.readSnapshot(stream, 'v2')).toBeNull();
      await log.writeSnapshot(stream, 'v2', 4, {});
      expect((await log.readSnapshot(stream, 'v1'))?.version).toBe(5);
      const other = freshStream();
      await log.writeSnapshot(other, 'v1', 1, {});
      await log.writeSnapshot(stream, 'v2', 5, { b: 1 });
      expect(await log.readSnapshot(stream, 'v1')).toBeNull();
      expect(await log.readSnapshot(stream, 'v2')).toEqual({ version: 5, state: { b: 1 } });
      expect(await log.readSnapshot(other, 'v1')).toEqual({ version: 1, state: {} });
      await log.writeSnapshot(other, 'v1', 2, { text: 'x'.repeat(5_000_000) });
      expect(await log.readSnapshot(other, 'v1')).toEqual({ version: 1, state: {} });
    });

    test('the clock is an ISO instant', async () => {
      expect(await subject().log.now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });
  });
};
