export { createEmbedding } from './choose.embedding.ts';
export { withFallback } from './fallback.embedding.ts';
