import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keywordScore, rankMemories, type Candidate } from './memory.ranking.ts';

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const text = fc.array(word, { minLength: 1, maxLength: 20 }).map((words) => words.join(' '));
const importance = fc.double({ min: 0, max: 100, noNaN: true });
const candidate = fc.record({
  id: fc.uuid(),
  content_text: text,
  importance_score: importance,
  cosine: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
});

describe('keyword score', () => {
  test('more of the words, and more often, is better', () => {
    const score = (content: string) => keywordScore('refund of the order', content);
    expect(score('the refund')).toBeGreaterThan(score('the parcel'));
    expect(score('refund, refund')).toBeGreaterThan(score('refund'));
    expect([score('parcel'), score(''), keywordScore('?!', 'parcel')]).toEqual([0, 0, 0]);
  });
  test('another occurrence of a wanted word never lowers it', () =>
    fc.assert(
      fc.property(text, text, fc.nat(), (query, content, pick) => {
        const words = query.split(' ');
        const more = `${content} ${words[pick % words.length]}`;
        expect(keywordScore(query, more)).toBeGreaterThan(keywordScore(query, content));
        expect(keywordScore(query, more)).toBeLessThan(1);
      }),
    ));
});

const WEIGHTS = { keyword: 0.45, vector: 0.4, importance: 0.15 };
const rank = (query: string, candidates: readonly Candidate[], weights = WEIGHTS) => rankMemories(query, candidates, weights);

describe('rank', () => {
  test('all scores are 0 to 1, the best first, in the same order whatever the order before', () =>
    fc.assert(
      fc.property(text, fc.uniqueArray(candidate, { selector: ({ id }) => id }), (query, candidates) => {
        const ranked = rank(query, candidates);
        expect(rank(query, candidates.toReversed())).toEqual(ranked);
        for (const { scores } of ranked) for (const score of Object.values(scores)) expect(score >= 0 && score <= 1).toBe(true);
        const scores = ranked.map(({ scores: { score } }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    ));
  test('of two that fit equally well the more important one is first', () =>
    fc.assert(
      fc.property(text, text, fc.double({ min: -1, max: 1, noNaN: true }), (query, content_text, cosine) => {
        const [first, second] = rank(query, [
          { id: 'a', content_text, cosine, importance_score: 10 },
          { id: 'b', content_text, cosine, importance_score: 90 },
        ]);
        expect([first?.candidate.id, first?.scores.importance_score, second?.scores.importance_score]).toEqual(['b', 0.9, 0.1]);
      }),
    ));
  test('what has nothing to do with the query is not lifted by importance above what fits', () => {
    const [first] = rank('tea', [
      { id: 'a', content_text: 'parcels', cosine: 0, importance_score: 100 },
      { id: 'b', content_text: 'tea', cosine: 0.5, importance_score: 0 },
    ]);
    expect(first?.candidate.id).toBe('b');
  });
  test('the scores count as much as is said, in relation to each other', () => {
    const both = [
      { id: 'a', content_text: 'tea', cosine: 0.1, importance_score: 0 },
      { id: 'b', content_text: 'parcels', cosine: 0.9, importance_score: 0 },
    ];
    const first = (weights: typeof WEIGHTS) => rank('tea', both, weights)[0];
    expect(first({ keyword: 2, vector: 0, importance: 0 })).toMatchObject({ candidate: { id: 'a' }, scores: { score: 0.66667 } });
    expect(first({ keyword: 0, vector: 3, importance: 0 })).toMatchObject({ candidate: { id: 'b' }, scores: { score: 0.9 } });
    expect(first({ keyword: 0, vector: 0, importance: 0 })?.scores.score).toBe(0);
  });
});
