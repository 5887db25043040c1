export { createEmbedding, type EmbeddingSettings } from './choose.embedding.ts';
export { createHttpEmbedding, type HttpEmbeddingConfig } from './http.embedding.ts';
export { withFallback } from './fallback.embedding.ts';
