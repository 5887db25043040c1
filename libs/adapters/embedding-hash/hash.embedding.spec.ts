import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHashEmbedding } from './index.ts';

const signal = new AbortController().signal;
const embedding = createHashEmbedding();
const vectorsOf = async (...texts: string[]) => (await embedding.embed(texts, { signal })).vectors;
const dot = (a: readonly number[] = [], b: readonly number[] = []) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

test('every text has a vector of length 1, always the same', () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
      const [one, other] = await vectorsOf(text, text);
      expect(one).toEqual(other);
      expect(one).toHaveLength(384);
      expect(dot(one, other)).toBeCloseTo(1, 5);
    }),
  ));

test('a vector stays what it was in earlier releases', async () => {
  const { vectors, space } = await createHashEmbedding({ dimensions: 8 }).embed(['Parcels arrive within three days'], { signal });
  expect(space).toEqual({ provider: 'local', model: 'hash-v1', dimensions: 8 });
  expect(vectors[0]?.map((value) => Math.round(value * 1000))).toMatchInlineSnapshot(`
    [
      281,
      -619,
      239,
      11,
      -639,
      -215,
      14,
      -160,
    ]
  `);
});

test('shared words, and parts of words, bring texts nearer', async () => {
  const [question, word, part, far] = await vectorsOf(
    'refund duration',
    'A refund is on your card after five days.',
    'Refunds are made by accounting.',
    'Reset the password in the settings of your profile.',
  );
  expect(dot(question, word)).toBeGreaterThan(dot(question, far) + 0.15);
  expect(dot(question, part)).toBeGreaterThan(dot(question, far) + 0.1);
});

test('no text, no vector', async () => expect(await vectorsOf()).toEqual([]));
