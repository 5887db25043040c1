import { z } from 'zod';
import { countTokens, OFFLINE_MODEL } from '@agent-platform/adapter-model-offline';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import type { EmbeddingsBody } from './chat.request.ts';
import { OpenAiError } from './openai.error.ts';

/** Models of this process that embed, by name; the first is that of `offline`. */
export type Embedders = Readonly<Record<string, EmbeddingPort>>;

const MOST_INPUTS = 2_048;

const Wanted = z.looseObject({
  input: z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1).max(MOST_INPUTS)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
});

/** The hash of words, which is everywhere, and the model of meanings where its optional packages are installed: that one takes a quarter of a gigabyte. */
export async function loadEmbedders(): Promise<Embedders> {
  const [{ createHashEmbedding }, { localEmbedding }] = await Promise.all([
    import('@agent-platform/adapter-embedding-hash/index'),
    import('@agent-platform/adapter-embedding-local/index'),
  ]);
  const hash = { 'hash-v1': createHashEmbedding() };
  const local = localEmbedding();
  return local.missing === null ? { ...hash, 'use-lite-en-1': local } : hash;
}

/**
 * Embeds in OpenAI's form. `offline`, and no model, is the first; the answer says which it was, since vectors of different
 * models must not be compared. Throws OpenAiError 404 for a model that is not here, 400 for what it can't do.
 */
export async function embedHere(embedders: Embedders, body: EmbeddingsBody, signal: AbortSignal): Promise<object> {
  const { name, embedder } = embedderOf(embedders, body.model);
  const wanted = Wanted.safeParse(body);
  if (!wanted.success) {
    throw new OpenAiError(400, 'invalid_body', `input: must be a text, or up to ${MOST_INPUTS} texts; the built-in models take no tokens.`, { param: 'input' });
  }
  const { input, encoding_format, dimensions } = wanted.data;
  const { vectors, space } = await embedder.embed(input, { signal });
  if (typeof dimensions === 'number' && dimensions !== space.dimensions) {
    throw new OpenAiError(400, 'invalid_body', `dimensions: the model "${name}" has ${space.dimensions}. Leave the field out.`, { param: 'dimensions' });
  }
  const tokens = input.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: 'list',
    model: space.model,
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encoding_format === 'base64' ? base64Of(vector) : vector })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** The embedder that a request names. Throws OpenAiError 404. */
export function embedderOf(embedders: Embedders, model: string | null | undefined): { readonly name: string; readonly embedder: EmbeddingPort } {
  const names = Object.keys(embedders);
  const name = !model || model === OFFLINE_MODEL ? (names[0] ?? '') : model;
  const embedder = Object.hasOwn(embedders, name) ? embedders[name] : undefined;
  if (embedder) return { name, embedder };
  const message = `model: there is no embedding model "${name}" here. Take one of: ${names.join(', ')}, or set AGENT_PLATFORM_PROVIDER_BASE_URL.`;
  throw new OpenAiError(404, 'model_not_found', message, { param: 'model' });
}

/** As OpenAI's clients ask for it: single precision, little endian. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, at) => bytes.writeFloatLE(value, at * 4));
  return bytes.toString('base64');
}
