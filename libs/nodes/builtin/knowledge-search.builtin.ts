import { Id, type JsonObject } from '@agent-platform/contracts/kit/index';
import { HybridWeights } from '@agent-platform/contracts/retrieval/hybrid.weights';
import { SearchFilters } from '@agent-platform/contracts/retrieval/retrieval.contract';
import { storable } from '@agent-platform/kernel/index';
import { z } from 'zod';
import { searchBase } from '../knowledge.search.ts';
import { defineBuiltin } from './builtin.ts';

export const knowledgeSearch = defineBuiltin({
  description: 'Finds passages in a knowledge base, by meaning and by words. Answers texts with their documents, positions and scores.',
  input: z.strictObject({
    knowledge_base_id: Id,
    query: z.string().trim().min(1).max(4000),
    top_k: z.int().min(1).max(100).default(5),
    filters: SearchFilters.default({}),
    weights: HybridWeights.optional(),
  }),
  writes: false,
  repeatable: () => true,
  async perform({ filters, weights, ...query }, { ports, context }) {
    // JSON by its schema; only its optional fields keep TypeScript from seeing it.
    const { documents, retrieval_id, embedding } = await searchBase({ ...query, filters: filters as JsonObject, ...(weights && { weights }) }, ports, context);
    const text = documents.map((one) => ('text' in one ? String(one['text']) : '')).join('\n\n');
    return { value: storable({ documents, retrieval_id, embedding }).value, text };
  },
});
