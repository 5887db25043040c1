import { toFailure } from '@agent-platform/kernel/index';
import type { Embedding, EmbeddingPort } from '@agent-platform/ports/embedding.port';

/** Embeddings that can say who makes them, e.g. `local`, or `hash stands in for http: …`. */
export interface Watched extends EmbeddingPort {
  /** As of the last call; before the first, as far as is known. */
  status(): string;
}

interface Named {
  readonly name: string;
  readonly embedding: EmbeddingPort;
}

/**
 * Asks `wanted`, and `standIn`, if there is one, when that fails for whatever reason. All texts of a call then come from the stand-in, so
 * that one answer never mixes spaces, and the answer says why. A call that the caller gave up is not made again.
 * `broken` is why `wanted` is known to fail before it was asked.
 */
export function withFallback(wanted: Named, standIn: Named | null, broken: string | null = null): Watched {
  let reason = broken;
  return {
    status() {
      if (reason === null) return wanted.name;
      return standIn === null ? `${wanted.name} fails: ${reason}` : `${standIn.name} stands in for ${wanted.name}: ${reason}`;
    },
    async embed(texts, options): Promise<Embedding> {
      try {
        const made = await wanted.embedding.embed(texts, options);
        reason = null;
        return made;
      } catch (error) {
        if (options.signal.aborted) throw error;
        const { code, message } = toFailure(error);
        reason = message;
        if (standIn === null) throw error;
        return { ...(await standIn.embedding.embed(texts, options)), fallback: { code, message } };
      }
    },
  };
}
