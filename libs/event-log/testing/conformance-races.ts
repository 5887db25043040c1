import { describe, expect, test } from 'vitest';
import { accepted, event, freshStream, freshWorkspace, request, sequenceAll, type Tests } from './subject.ts';

const WRITERS = 16;
const APPENDS = 25;

export const raceTests: Tests = (subject) => {
  describe('races', () => {
    test('of 20 appends that expect the same version, exactly one wins, over two processes', async () => {
      const { log, harness } = subject();
      const other = await harness.open();
      const stream = freshStream();
      for (let version = 0; version < 3; version++) {
        const results = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? log : other).append(request(stream, { expected: version }))));
        expect(results.filter((result) => result.status === 'appended')).toHaveLength(1);
      }
      expect((await log.readStream(stream)).map((one) => one.version)).toEqual([1, 2, 3]);
      await other.close();
    });

    test('any-version appends of two processes to one fresh stream all succeed', async () => {
      const { log, harness } = subject();
      const other = await harness.open();
      const stream = freshStream();
      const results = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? log : other).append(request(stream))));
      expect(results.map((result) => accepted(result).first_version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      await other.close();
    });

    test('16 writers, two sequencers, one reader: dense positions, nothing missed or repeated, streams in order', async () => {
      const { log, harness } = subject();
      await sequenceAll(log);
      const second = await harness.open();
      const workspace = freshWorkspace();
      const start = await log.head();
      const total = WRITERS * APPENDS * 2;
      const sequenced: { position: number; id: string }[] = [];
      const seen: { position: number; id: string; stream_id: string; version: number }[] = [];
      const acknowledged = new Set<string>();
      const writing = Promise.all(
        Array.from({ length: WRITERS }, async (_, writer) => {
          for (let index = 0; index < APPENDS; index++) {
            const one = writer % 2 ? log : second;
            const result = accepted(
              await one.append(request(freshStream(workspace, `s${(writer + index) % 8}`), { events: [event('thing.done'), event('thing.done')] })),
            );
            for (const id of result.event_ids) acknowledged.add(id);
          }
        }),
      );
      const sequencing = [log, second].map(async (one) => {
        while ((await one.head()) < start + total) sequenced.push(...(await one.sequence(37)).map(({ position, id }) => ({ position, id })));
      });
      const reading = (async () => {
        while (seen.length < total)
          for (const { position, id, stream_id, version } of await log.readLog(seen.at(-1)?.position ?? start, 50))
            seen.push({ position, id, stream_id, version });
      })();
      await Promise.all([writing, ...sequencing, reading]);

      expect(seen.map((one) => one.position)).toEqual(Array.from({ length: total }, (_, index) => start + 1 + index));
      expect(new Set(seen.map((one) => one.id))).toEqual(acknowledged);
      expect(sequenced.toSorted((a, b) => a.position - b.position)).toEqual(seen.map(({ position, id }) => ({ position, id })));
      for (let stream = 0; stream < 8; stream++) {
        const versions = seen.filter((one) => one.stream_id === `s${stream}`).map((one) => one.version);
        expect(versions).toEqual(versions.map((_, index) => index + 1));
      }
      await second.close();
    }, 60_000);
  });
};
