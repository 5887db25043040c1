import type { DatabasePool } from 'slonik';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import type { KnowledgePort } from '@agent-platform/ports/knowledge.port';
import type { ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import { baseSettings } from './base.setting.ts';
import { createKnowledgeSearch } from './knowledge.search.ts';
import { createRerankedSearch } from './model.rerank.ts';
import { createWeightedSearch } from './weighted.search.ts';

export interface KnowledgeParts {
  readonly pool: () => DatabasePool;
  readonly embedding: EmbeddingPort;
  /** Orders what was found, where that is wanted; nothing is asked of it before. */
  readonly model: ModelPort & RerankPort;
}

/** Searches of knowledge bases, weighted and ordered by a model as the query or the base asks for it. */
export function createKnowledge({ pool, embedding, model }: KnowledgeParts): KnowledgePort {
  const setting = baseSettings(pool);
  const search = createWeightedSearch(createKnowledgeSearch({ pool, embedding }), async (...base) => (await setting(...base))?.weights ?? null);
  return createRerankedSearch({ search, model, settingOf: async (...base) => (await setting(...base))?.rerank ?? null });
}
