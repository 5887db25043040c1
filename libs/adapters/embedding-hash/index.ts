export { createHashEmbedding, HASH_MODEL } from './hash.embedding.ts';
