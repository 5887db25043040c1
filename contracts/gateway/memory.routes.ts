import { z } from 'zod';
import { Code, Id, LogRef, PageParams } from '../kit/index.ts';
import { MemoryScopeId, MemoryScopeType, MemoryView } from '../memory/memory.contract.ts';
import { defineRoutes } from './route.ts';

const Score = z.number().min(0).max(1);
const Weight = z.number().min(0).max(100);

const FoundMemory = MemoryView.omit({ importance_score: true })
  .extend({
    importance: MemoryView.shape.importance_score.meta({ description: 'As it was written, 0 to 100' }),
    importance_score: Score,
    keyword_score: Score.meta({ description: 'How many words of the query it has, and how often' }),
    vector_score: Score.meta({ description: 'Cosine of its embedding and the one of the query' }),
    score: Score.meta({ description: 'What the answer is ordered by' }),
    rerank_mode: z.literal('hybrid-local'),
  })
  .meta({ id: 'FoundMemory' });

/** Routes about memories that are neither a command nor a page of a read model. */
export const memoryRoutes = defineRoutes({
  'memory.search': {
    method: 'POST',
    path: '/memories/search',
    summary: 'Active memories of one scope that fit a query, best first. With run_id it is recorded that the run read them.',
    body: z
      .strictObject({
        query: z.string().trim().min(1).max(4000),
        scope_type: MemoryScopeType,
        scope_id: MemoryScopeId,
        limit: z.int().min(1).max(100).default(10),
        memory_type: Code.optional(),
        weights: z
          .strictObject({ keyword: Weight.default(0.45), vector: Weight.default(0.4), importance: Weight.default(0.15) })
          .prefault({})
          .meta({ description: 'How much each score counts, in relation to the others' }),
        run_id: Id.optional().meta({ description: 'The run that reads' }),
        read_after: PageParams.read_after,
      })
      .meta({ id: 'SearchMemories' }),
    answer: z
      .object({
        items: z.array(FoundMemory),
        rerank_mode: z.literal('hybrid-local'),
        embedding: z.object({
          provider: z.string(),
          model: z.string(),
          dimensions: z.int(),
          fallback: z
            .object({ code: z.string(), message: z.string() })
            .optional()
            .meta({ description: 'Why the wanted provider was not used; absent when it was' }),
          missing: z.int().min(0).meta({ description: 'Memories of the scope that have no embedding yet: they are found by their words' }),
        }),
        position: z.int(),
        log: LogRef.optional().meta({ description: 'Where it was recorded that the run read them' }),
      })
      .meta({ id: 'FoundMemories' }),
  },
});
