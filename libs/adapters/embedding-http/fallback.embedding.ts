import { toFailure } from '@agent-platform/kernel/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';

/**
 * Asks `wanted`, and `standIn` when that fails for whatever reason. All texts of a call then come from the stand-in, so
 * that one answer never mixes spaces, and the answer says why. A call that the caller gave up is not made again.
 */
export const withFallback = (wanted: EmbeddingPort, standIn: EmbeddingPort): EmbeddingPort => ({
  async embed(texts, options) {
    try {
      return await wanted.embed(texts, options);
    } catch (error) {
      if (options.signal.aborted) throw error;
      const { code, message } = toFailure(error);
      return { ...(await standIn.embed(texts, options)), fallback: { code, message } };
    }
  },
});
