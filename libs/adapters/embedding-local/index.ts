export { localEmbedding } from './local.embedding.ts';
