import { z } from 'zod';
import { Id, LogRef } from '../kit/index.ts';
import { RerankChoice } from '../knowledge-base/knowledge-base.contract.ts';
import { HybridWeights } from '../retrieval/hybrid.weights.ts';
import { QueryEmbedding, RerankOutcome, RetrievalHit, SearchFilters, VectorSearch } from '../retrieval/retrieval.contract.ts';
import { defineRoutes } from './route.ts';

/** A found chunk with its text. */
const KnowledgeHit = RetrievalHit.extend({
  start: z.int().meta({ description: 'Place in the plain text of the document' }),
  end: z.int(),
  heading: z.string().nullable(),
  text: z.string(),
  metadata: z.record(z.string(), z.json()),
}).meta({ id: 'KnowledgeHit' });

/** The search of knowledge bases: it reads a read model, and what it found is recorded. */
export const knowledgeRoutes = defineRoutes({
  'knowledge.search': {
    method: 'POST',
    path: '/knowledge/search',
    summary: 'Find chunks of a base by meaning and by words. What was found is recorded and can be read as /knowledge/retrievals/{retrieval_id}.',
    body: z
      .strictObject({
        knowledge_base_id: Id,
        query: z.string().trim().min(1).max(4000),
        top_k: z.int().min(1).max(100).default(5),
        filters: SearchFilters.default({}),
        weights: HybridWeights.optional().meta({ description: 'Absent: as the base says; by default vector 0.6, keyword 0.4' }),
        rerank: RerankChoice.optional().meta({ description: 'Whether a model reads the best hits and orders them; absent: as the base says' }),
        read_after: z.uuid().optional().meta({ description: 'wait until the read model shows this event' }),
      })
      .meta({ id: 'KnowledgeSearch' }),
    answer: z
      .object({
        retrieval_id: Id,
        knowledge_base_id: Id,
        hits: z.array(KnowledgeHit),
        embedding: QueryEmbedding,
        rerank: RerankOutcome.optional().meta({ description: 'Absent: nobody asked for it' }),
        weights: HybridWeights.optional().meta({ description: 'Those that counted, of the search or of the base; absent: the usual ones' }),
        vector_search: VectorSearch,
        duration_ms: z.number(),
        log: LogRef,
      })
      .meta({ id: 'KnowledgeAnswer' }),
  },
});
