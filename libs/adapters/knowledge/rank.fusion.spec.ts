import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuse } from './rank.fusion.ts';

const hit = (chunk_id: string, vector_score: number | null, keyword_score: number | null) => ({ chunk_id, vector_score, keyword_score });

test('what leads both lists gets 1; being in both beats leading one', () => {
  const found = fuse([hit('vector', 0.9, null), hit('both', 0.8, 0.5), hit('words', null, 0.4)], 3);
  expect(found.map(({ chunk_id }) => chunk_id)).toEqual(['both', 'vector', 'words']);
  expect(fuse([hit('a', 0.1, 0.1)], 1)[0]?.score).toBe(1);
});

test('weights say how much a list counts; with 0 it does not', () => {
  const candidates = [hit('vector', 0.9, null), hit('both', 0.8, 0.5), hit('words', null, 0.6)];
  const order = (vector: number, keyword: number) => fuse(candidates, 3, { vector, keyword }).map(({ chunk_id, score }) => [chunk_id, score]);
  expect(order(1, 0)).toEqual([
    ['vector', 1],
    ['both', expect.closeTo(61 / 62, 5)],
  ]);
  expect(order(0, 0.2)).toEqual([
    ['words', 1],
    ['both', expect.closeTo(61 / 62, 5)],
  ]);
  expect(order(0.5, 0.5)[0]).toEqual(['both', expect.closeTo(61 / 62, 5)]);
});

test('equal scores share a place, and the id decides', () => {
  expect(fuse([hit('b', 0.5, 0.2), hit('a', 0.5, 0.2), hit('c', 0.6, null)], 3).map(({ chunk_id }) => chunk_id)).toEqual(['a', 'b', 'c']);
});

test('the order does not depend on the order of the candidates, and scores lie between 0 and 1', () => {
  const score = fc.option(fc.constantFrom(0, 0.1, 0.5, 1), { nil: null });
  const hits = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), score, score), { selector: ([id]) => id });
  fc.assert(
    fc.property(hits, (list) => {
      const candidates = list.map(([id, vector, keyword]) => hit(id, vector, keyword));
      const found = fuse(candidates, 5);
      expect(fuse(candidates.toReversed(), 5)).toEqual(found);
      for (const { score: value } of found) expect(value >= 0 && value <= 1).toBe(true);
    }),
  );
});
