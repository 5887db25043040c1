import { describe, expect, test } from 'vitest';
import { accepted, freshStream, request, type Tests } from './subject.ts';

const LONG = 60_000;

export const leaseTests: Tests = (subject) => {
  describe('leases', () => {
    test('claim, hold, signals of others, release', async () => {
      const { log, harness } = subject();
      const [mine, theirs] = [await harness.holdOwner(), await harness.holdOwner()];
      const stream = freshStream();
      await log.append(request(stream));
      const claimed = accepted(await log.append(request(stream, { expected: 'exists', events: [], lease: { use: 'claim', owner: mine.owner, ttlMs: LONG } })));
      expect(claimed).toMatchObject({ epoch: 1, last_version: 1 });
      expect(await log.append(request(stream, { events: [], lease: { use: 'claim', owner: theirs.owner, ttlMs: LONG } }))).toEqual({
        status: 'leased',
        owner: mine.owner,
      });
      expect(await log.append(request(stream, { lease: { use: 'claim', owner: mine.owner, ttlMs: LONG } }))).toMatchObject({ status: 'appended', epoch: 1 });
      expect(await log.append(request(stream))).toMatchObject({ status: 'appended', first_version: 3, epoch: null });
      expect(await log.append(request(stream, { expected: 3, lease: { use: 'hold', owner: mine.owner, epoch: 1, ttlMs: LONG } }))).toMatchObject({
        status: 'appended',
        first_version: 4,
        epoch: 1,
      });
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: mine.owner, epoch: 0, ttlMs: LONG } }))).toEqual({ status: 'stale', epoch: 1 });
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: theirs.owner, epoch: 1, ttlMs: LONG } }))).toEqual({ status: 'stale', epoch: 1 });
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: mine.owner, epoch: 1, ttlMs: LONG }, release: true }))).toMatchObject({
        status: 'appended',
      });
      expect(await log.append(request(stream, { lease: { use: 'claim', owner: theirs.owner, ttlMs: LONG } }))).toMatchObject({ status: 'appended', epoch: 2 });
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: mine.owner, epoch: 1, ttlMs: LONG } }))).toEqual({ status: 'stale', epoch: 2 });
      await Promise.all([mine.close(), theirs.close()]);
    });

    test('a stream can be created under a lease, and kept or given back at once', async () => {
      const { log, harness } = subject();
      const mine = await harness.holdOwner();
      const kept = freshStream();
      expect(await log.append(request(kept, { expected: 0, lease: { use: 'claim', owner: mine.owner, ttlMs: LONG } }))).toMatchObject({
        status: 'appended',
        epoch: 1,
      });
      expect(await log.renew([{ stream: kept, owner: mine.owner, epoch: 1 }], LONG)).toEqual([{ stream: kept, version: 1 }]);
      const given = freshStream();
      await log.append(request(given, { expected: 0, lease: { use: 'claim', owner: mine.owner, ttlMs: LONG }, release: true }));
      expect(await log.renew([{ stream: given, owner: mine.owner, epoch: 1 }], LONG)).toEqual([]);
      await mine.close();
    });

    test('a lapsed lease can be taken, also by its owner: the epoch grows, the old one is stale', async () => {
      const { log, harness } = subject();
      const [mine, theirs] = [await harness.holdOwner(), await harness.holdOwner()];
      const stream = { ...freshStream(), category: 'lapsing' };
      await log.append(request(stream, { lease: { use: 'claim', owner: mine.owner, ttlMs: 1 } }));
      await expect.poll(() => log.abandoned('lapsing', 10), { interval: 5 }).toContainEqual(stream);
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: mine.owner, epoch: 1, ttlMs: 1 } }))).toMatchObject({
        status: 'appended',
        epoch: 1,
      });
      await expect.poll(() => log.abandoned('lapsing', 10), { interval: 5 }).toContainEqual(stream);
      expect(await log.append(request(stream, { lease: { use: 'claim', owner: mine.owner, ttlMs: 1 } }))).toMatchObject({ status: 'appended', epoch: 2 });
      await expect.poll(() => log.abandoned('lapsing', 10), { interval: 5 }).toContainEqual(stream);
      expect(await log.append(request(stream, { lease: { use: 'claim', owner: theirs.owner, ttlMs: LONG } }))).toMatchObject({ status: 'appended', epoch: 3 });
      expect(await log.append(request(stream, { lease: { use: 'hold', owner: mine.owner, epoch: 2, ttlMs: LONG } }))).toEqual({ status: 'stale', epoch: 3 });
      expect(await log.abandoned('lapsing', 10)).toEqual([]);
      await Promise.all([mine.close(), theirs.close()]);
    });

    test('the lease of a dead owner can be taken at once', async () => {
      const { log, harness } = subject();
      const [mine, theirs] = [await harness.holdOwner(), await harness.holdOwner()];
      const stream = { ...freshStream(), category: 'dying' };
      await log.append(request(stream, { lease: { use: 'claim', owner: mine.owner, ttlMs: LONG } }));
      expect(await log.abandoned('dying', 10)).toEqual([]);
      await mine.close();
      await expect.poll(() => log.abandoned('dying', 10), { interval: 5 }).toEqual([stream]);
      expect(await log.append(request(stream, { lease: { use: 'claim', owner: theirs.owner, ttlMs: LONG } }))).toMatchObject({ status: 'appended', epoch: 2 });
      await theirs.close();
    });

    test('renew extends what is ours and leaves out what is not', async () => {
      const { log, harness } = subject();
      const mine = await harness.holdOwner();
      const [a, b, c] = [freshStream(), freshStream(), freshStream()];
      for (const stream of [a, b]) await log.append(request(stream, { lease: { use: 'claim', owner: mine.owner, ttlMs: LONG } }));
      await log.append(request(b));
      const held = [a, b, c].map((stream) => ({ stream, owner: mine.owner, epoch: 1 }));
      const renewed = await log.renew([...held, { stream: a, owner: mine.owner, epoch: 7 }], LONG);
      expect(renewed.toSorted((x, y) => x.version - y.version)).toEqual([
        { stream: a, version: 1 },
        { stream: b, version: 2 },
      ]);
      expect(await log.renew([], LONG)).toEqual([]);
      await mine.close();
    });
  });
};
