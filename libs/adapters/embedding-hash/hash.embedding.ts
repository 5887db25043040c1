import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { featuresOf } from './features.ts';

/** Version of the features and the hash: raise it whenever the same text would get another vector. */
const HASH_MODEL = 'hash-v1';

/**
 * Embeddings without model, key and network: signed feature hashing (Weinberger et al., "Feature Hashing for Large
 * Scale Multitask Learning", 2009) of words and character n-grams, made unit. The same text has the same vector on
 * every machine. It finds texts that share words or parts of words, not meanings.
 */
export function createHashEmbedding({ dimensions = 384 }: { readonly dimensions?: number } = {}): EmbeddingPort {
  const space = { provider: 'local', model: HASH_MODEL, dimensions };
  return {
    async embed(texts) {
      return { vectors: texts.map((text) => vectorOf(text, dimensions)), space };
    },
  };
}

function vectorOf(text: string, dimensions: number): readonly number[] {
  const vector = new Float64Array(dimensions);
  for (const { name, weight } of featuresOf(text)) {
    const hash = hashOf(name);
    // The lowest bit is the sign, so that collisions cancel out on average instead of adding up.
    const at = (hash >>> 1) % dimensions;
    vector[at] = (vector[at] ?? 0) + ((hash & 1) === 1 ? weight : -weight);
  }
  const length = Math.hypot(...vector);
  // Everything may have cancelled out: a vector that is not unit would have no cosine.
  if (length < 1e-9) return Array.from(vector, (_, at) => (at === 0 ? 1 : 0));
  // Single precision, as databases keep it.
  return Array.from(vector, (value) => Math.fround(value / length));
}

/** FNV-1a over UTF-16 units, with the finalizer of MurmurHash3 so that low bits depend on all of them. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
