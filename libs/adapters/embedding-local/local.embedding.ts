import { Failure } from '@agent-platform/kernel/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { createModelThread } from './model.thread.ts';
import { DIMENSIONS, type SentenceModel } from './sentence.model.ts';
import { windowsOf } from './text.windows.ts';
import { createTurns } from './turns.ts';

/** Raise it with the weights and with whatever else gives the same text another vector (text.windows.ts). */
const MODEL = 'use-lite-en-1';

export type LocalEmbedding = EmbeddingPort & Pick<SentenceModel, 'missing'>;

let shared: LocalEmbedding | undefined;

/** The one of this process: the model takes a quarter of a gigabyte, and roles may share a process. */
export const localEmbedding = (): LocalEmbedding => (shared ??= createLocalEmbedding());

/**
 * Embeddings of a small English model on this machine, without key and network: Universal Sentence Encoder lite, from
 * optional npm packages. A text is the mean of its windows' vectors, made unit. Creating it costs nothing: the model
 * is loaded by the first call. Throws Failure invalid `embedding-model-missing` and transient `embedding-model-died`, `embedding-aborted`.
 */
export function createLocalEmbedding(model: SentenceModel = createModelThread()): LocalEmbedding {
  const encode = createTurns(model);
  return {
    missing: model.missing,
    async embed(texts, { signal }) {
      const space = { provider: 'local', model: MODEL, dimensions: DIMENSIONS };
      if (texts.length === 0) return { vectors: [], space };
      if (model.missing !== null) throw new Failure('invalid', 'embedding-model-missing', model.missing);
      const windows = texts.map(windowsOf);
      const encoded = await encode(windows.flat(), signal).catch((cause: unknown) => {
        if (!signal.aborted) throw cause;
        throw new Failure('transient', 'embedding-aborted', 'The embeddings were given up before they came.', { cause });
      });
      const rows = encoded.flatMap((vectors) =>
        Array.from({ length: vectors.length / DIMENSIONS }, (_, at) => vectors.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS)),
      );
      let from = 0;
      return { vectors: windows.map(({ length }) => unitMean(rows.slice(from, (from += length)))), space };
    },
  };
}

/** In double precision and always in the same order, so that it is the same to the bit; then in single, as databases keep it. */
function unitMean(rows: readonly Float32Array[]): readonly number[] {
  const sum = new Float64Array(DIMENSIONS);
  for (const row of rows) row.forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value));
  const length = Math.hypot(...sum) || 1;
  return Array.from(sum, (value) => Math.fround(value / length));
}
