import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';

interface Item {
  readonly id: number;
  readonly keys: readonly string[];
}

/** A batcher whose batches end when the test says so. */
const build = (limits: { maxInFlight: number; maxItems: number; maxQueued: number }) => {
  const open: { items: readonly Item[]; end: () => void }[] = [];
  const sent: Item[][] = [];
  const batcher = createBatcher<Item>({
    ...limits,
    keysOf: (item) => item.keys,
    send: (items) => {
      sent.push([...items]);
      return new Promise((resolve) => open.push({ items, end: resolve }));
    },
  });
  return { batcher, open, sent };
};
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a lone item leaves at the end of the tick; what comes meanwhile shares the next batch', async () => {
  const { batcher, open, sent } = build({ maxInFlight: 1, maxItems: 10, maxQueued: 10 });
  batcher.add({ id: 1, keys: [] });
  await Promise.resolve();
  expect(sent).toHaveLength(1);
  for (const id of [2, 3]) batcher.add({ id, keys: [] });
  await settle();
  expect(sent).toHaveLength(1);
  open[0]?.end();
  await settle();
  expect(sent[1]?.map((item) => item.id)).toEqual([2, 3]);
});

test('a full queue takes nothing more', () => {
  const { batcher } = build({ maxInFlight: 1, maxItems: 1, maxQueued: 2 });
  expect([1, 2, 3].map((id) => batcher.add({ id, keys: [] }))).toEqual([true, true, false]);
});

test('property: everything is sent once, never two of a key at a time, and a key keeps its order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.integer({ min: 0, max: 3 }), extra: fc.option(fc.integer({ min: 0, max: 2 })), endFirst: fc.boolean() }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      async (plan, maxInFlight, maxItems) => {
        const { batcher, open, sent } = build({ maxInFlight, maxItems, maxQueued: 1000 });
        const check = () => {
          expect(open.length).toBeLessThanOrEqual(maxInFlight);
          const keys = open.flatMap((batch) => batch.items.flatMap((item) => item.keys));
          expect(new Set(keys).size).toBe(keys.length);
        };
        for (const [id, { key, extra, endFirst }] of plan.entries()) {
          if (endFirst) open.shift()?.end();
          batcher.add({ id, keys: extra === null ? [`k${key}`] : [`k${key}`, `x${extra}`] });
          if (endFirst) await settle();
          check();
        }
        await settle();
        while (open.length > 0) {
          open.shift()?.end();
          await settle();
          check();
        }
        await batcher.idle();
        const ids = sent.flat().map((item) => item.id);
        expect(ids.toSorted((a, b) => a - b)).toEqual(plan.map((_, id) => id));
        // With a second key an item may be overtaken; with one key never.
        const single = plan.every(({ extra }) => extra === null) ? [0, 1, 2, 3] : [];
        const orders = single.map((key) =>
          sent
            .flat()
            .filter((item) => item.keys[0] === `k${key}`)
            .map((item) => item.id),
        );
        expect(orders).toEqual(orders.map((order) => order.toSorted((a, b) => a - b)));
      },
    ),
    { numRuns: 60 },
  );
});
