import type { DatabasePool } from 'slonik';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import type { KnowledgePort } from '@agent-platform/ports/knowledge.port';
import type { ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import { createKnowledgeSearch } from './knowledge.search.ts';
import { createRerankedSearch } from './model.rerank.ts';
import { rerankSettings } from './rerank.setting.ts';

export interface KnowledgeParts {
  readonly pool: () => DatabasePool;
  readonly embedding: EmbeddingPort;
  /** Orders what was found, where that is wanted; nothing is asked of it before. */
  readonly model: ModelPort & RerankPort;
}

/** Searches of knowledge bases, ordered by a model where the query or the base asks for it. */
export const createKnowledge = ({ pool, embedding, model }: KnowledgeParts): KnowledgePort =>
  createRerankedSearch({ search: createKnowledgeSearch({ pool, embedding }), model, settingOf: rerankSettings(pool) });
