export { createHashEmbedding } from './hash.embedding.ts';
