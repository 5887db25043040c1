import { countTokens } from '@agent-platform/adapter-model-offline';
import { embedderOf, type Embedders } from './built-in.embeddings.ts';
import type { RerankBody } from './chat.request.ts';

/**
 * Reranks in the form of Cohere, Jina and vLLM: by the cosine of query and document, so that it can be tried without a provider.
 * `offline`, and no model, is the first embedding model. Throws OpenAiError 404 for a model that is not here.
 */
export async function rerankHere(embedders: Embedders, body: RerankBody, signal: AbortSignal): Promise<object> {
  const { name, embedder } = embedderOf(embedders, body.model);
  const texts = body.documents.map((document) => (typeof document === 'string' ? document : document.text));
  const { vectors } = await embedder.embed([body.query, ...texts], { signal });
  const [query = [], ...documents] = vectors;
  const results = documents
    .map((vector, index) => ({ index, relevance_score: Math.max(0, dot(query, vector)) }))
    .toSorted((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, body.top_n ?? documents.length);
  const total_tokens = [body.query, ...texts].reduce((sum, text) => sum + countTokens(text), 0);
  return { model: name, results, usage: { total_tokens } };
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
