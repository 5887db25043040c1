import { Failure, toFailure } from '@agent-platform/kernel/index';
import { type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import type { VectorCache } from '@agent-platform/runtime/vector-cache';

/** Texts that are embedded at a time, and for how long a search goes on doing so, in milliseconds. */
const AT_ONCE = 256;
const FOR_MS = 2_000;

export interface MissingVectors {
  readonly workspaceId: string;
  /** The space in which vectors are wanted. */
  readonly space: string;
  /** Texts without a vector there, at most so many, those that matter most first. */
  next(limit: number): Promise<readonly string[]>;
}

/**
 * Embeds what has no vector yet, for 2 s at most. A text that can't be embedded fails nothing: it has no
 * vector then, and is tried again by the next search. A provider that refuses a batch gets its texts one by one, so that one bad text leaves
 * the others alone.
 */
export function createVectorFiller({ embedding, vectors }: { readonly embedding: EmbeddingPort; readonly vectors: VectorCache }) {
  return async ({ workspaceId, space, next }: MissingVectors, signal: AbortSignal): Promise<void> => {
    const until = performance.now() + FOR_MS;
    for (let progress = true; progress && performance.now() < until;) {
      const texts = await next(AT_ONCE);
      progress = texts.length > 0 && (await embed(texts));
    }

    /** Whether any text got a vector in the wanted space. */
    async function embed(texts: readonly string[]): Promise<boolean> {
      const made = await embedding.embed(texts, { signal }).catch(toFailure);
      if (made instanceof Failure) return made.kind === 'invalid' && texts.length > 1 && embedEach(texts);
      await vectors.save(workspaceId, spaceName(made.space), texts, made.vectors);
      // Another space: the provider came or went since the query was embedded. These vectors are for another search.
      return spaceName(made.space) === space;
    }

    async function embedEach(texts: readonly string[]): Promise<boolean> {
      let progress = false;
      for (const text of texts) {
        if (performance.now() >= until) break;
        if (await embed([text])) progress = true;
      }
      return progress;
    }
  };
}
