export { createEmbedding } from './choose.embedding.ts';
export { createHttpEmbedding } from './http.embedding.ts';
export { withFallback } from './fallback.embedding.ts';
