import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankByKeywords } from './keyword-rank.ts';

const shipping = { id: 'shipping', title: 'Shipping Policy', text: 'Orders ship within two days.' };
const refund = { id: 'refund', title: 'Refund Policy', text: 'A refund is possible within 30 days.' };

test('the document that has the word comes first, others are left out', () => {
  expect(rankByKeywords('refund', [shipping, refund], 2).map(({ id }) => id)).toEqual(['refund']);
  expect(rankByKeywords('refund policy', [shipping, refund], 2).map(({ id }) => id)).toEqual(['refund', 'shipping']);
});

test('case, accents written in two ways and scripts without spaces are found', () => {
  const documents = [shipping, { id: 'zh', title: '退款政策', text: '三十天内可以退款' }, { id: 'fr', title: 'Cafe\u0301', text: '' }];
  expect(rankByKeywords('退款', documents, 5).map(({ id }) => id)).toEqual(['zh']);
  expect(rankByKeywords('CAFÉ', documents, 5).map(({ id }) => id)).toEqual(['fr']);
});

test('equal documents keep their order, and no query or no documents give nothing', () => {
  const twins = [1, 2, 3].map((at) => ({ ...refund, id: `r${at}` }));
  expect(rankByKeywords('refund', twins, 2).map(({ id }) => id)).toEqual(['r1', 'r2']);
  expect(rankByKeywords('', twins, 2)).toEqual([]);
  expect(rankByKeywords('refund', [], 2)).toEqual([]);
});

test('never more than asked, best first, and the same every time', () => {
  const word = fc.constantFrom('refund', 'policy', 'order', 'days', 'ship');
  const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
  const documents = fc.array(fc.record({ id: fc.uuid(), title: text, text }), { maxLength: 12 });
  fc.assert(
    fc.property(text, documents, fc.integer({ min: 1, max: 5 }), (query, source, topK) => {
      const ranked = rankByKeywords(query, source, topK);
      expect(ranked.length).toBeLessThanOrEqual(topK);
      expect(ranked.every(({ score }, at) => score > 0 && score <= (ranked[at - 1]?.score ?? Infinity))).toBe(true);
      expect(rankByKeywords(query, source, topK)).toEqual(ranked);
    }),
  );
});
