import OpenAI from 'openai';
import { Failure } from '@agent-platform/kernel/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { unitVectors } from './embedding.reader.ts';
import { toEmbeddingFailure } from './embedding.failure.ts';

export interface HttpEmbeddingConfig {
  /** Where `/embeddings` lies below, e.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Empty or absent: requests carry no Authorization header, as local providers want it. */
  readonly apiKey?: string;
  readonly model: string;
  /** Texts of one request. Default 64. */
  readonly batch?: number;
  /** One request, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Embeddings of any OpenAI-compatible `/embeddings`. Texts go out in batches, one after the other; vectors come back in the
 * order of the texts whatever order the provider has, all of one length, and are made unit. Nothing is retried here.
 */
export function createHttpEmbedding({ baseUrl, apiKey, model, batch = 64, timeoutMs = 30_000 }: HttpEmbeddingConfig): EmbeddingPort {
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey || 'none',
    maxRetries: 0,
    timeout: timeoutMs,
    // Explicit, so that variables of the environment meant for other programs have no influence.
    organization: null,
    project: null,
    logLevel: 'off',
    ...(!apiKey && { defaultHeaders: { Authorization: null } }),
  });

  async function ask(input: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]> {
    try {
      // Not `embeddings.create`: it asks for base64, which not every provider knows, and trusts what comes.
      return unitVectors(await client.post('/embeddings', { body: { model, input, encoding_format: 'float' }, signal }), input.length);
    } catch (error) {
      throw toEmbeddingFailure(error, signal);
    }
  }

  return {
    async embed(texts, { signal }) {
      const vectors: (readonly number[])[] = [];
      for (let at = 0; at < texts.length; at += batch) vectors.push(...(await ask(texts.slice(at, at + batch), signal)));
      const dimensions = vectors[0]?.length ?? 0;
      if (vectors.some(({ length }) => length !== dimensions)) {
        throw new Failure('transient', 'embedding-bad-answer', `The model ${model} answered vectors of different lengths. Check the provider.`);
      }
      return { vectors, space: { provider: 'http', model, dimensions } };
    },
  };
}
