import { z } from 'zod';
import { SourceType } from '../document/document.events.ts';
import { defineContract, GetParams, Id, JsonObject, pageOf, PageParams, Time } from '../kit/index.ts';
import { HybridWeights } from './hybrid.weights.ts';

/** How well a chunk fits. Null: it was not found that way (no shared word; a vector of another space, or none). */
const scores = {
  keyword_score: z.number().nullable().meta({ description: "Postgres' rank of the shared words, 0 to 1" }),
  vector_score: z.number().nullable().meta({ description: 'Cosine of the vectors of query and chunk' }),
  score: z.number().meta({ description: 'Weighted reciprocal rank fusion of both, 0 to 1' }),
  rerank_score: z
    .number()
    .nullable()
    .optional()
    .meta({ description: 'Grade of a model that read it, 0 to 1 (of a reranking model as it gave it): the order of the hits, where one was asked' }),
};

/** A found chunk without its text: document, place, index version, scores. */
export const RetrievalHit = z
  .object({
    chunk_id: z.string(),
    document_id: Id,
    title: z.string(),
    index_version: z.int().meta({ description: 'Which index of the document the chunk belongs to' }),
    position: z.int(),
    page: z.int().nullable().optional().meta({ description: 'Page on which it begins; null: the document has no pages' }),
    ...scores,
  })
  .meta({ id: 'RetrievalHit' });

/** Which vectors were compared. */
export const QueryEmbedding = z
  .object({
    space: z.string().meta({ description: 'provider/model/dimensions; only vectors of this space were compared; `none`: none were' }),
    fallback_used: z.boolean().meta({ description: 'The provider failed: the query was embedded by the fallback' }),
    fallback_reason: z.string().nullable(),
    other_spaces: z.boolean().meta({ description: 'The base has chunks of other spaces; they were found by their words only. Reindex repairs it' }),
  })
  .meta({ id: 'QueryEmbedding' });

/** What became of the order by a model. */
export const RerankOutcome = z
  .object({
    applied: z.boolean(),
    model: z.string().nullable(),
    candidates: z.int().meta({ description: 'How many of the best chunks it read' }),
    reason: z.string().nullable().meta({ description: 'Why it was not applied: the order is by `score` then' }),
  })
  .meta({ id: 'RerankOutcome' });

const Text = z.string().max(1000);
const Scalar = z.union([Text, z.number(), z.boolean(), z.null()], { error: 'must be a text, a number, true, false or null' });
const Ordered = z.union([Text, z.number()], { error: 'must be a text or a number' });
const Field = z
  .string()
  .max(200)
  .regex(/^[^.]+(\.[^.]+)*$/, 'must be a path of names with dots between them')
  .meta({ description: 'Path in the metadata, e.g. `price.eur`' });

/** A condition on one member of the metadata. */
const Condition = z.discriminatedUnion('op', [
  z.strictObject({ field: Field, op: z.enum(['eq', 'ne']), value: Scalar }),
  z.strictObject({ field: Field, op: z.enum(['gt', 'gte', 'lt', 'lte']), value: Ordered }),
  z.strictObject({ field: Field, op: z.enum(['in', 'not_in']), value: z.array(Scalar).min(1).max(200) }),
  z.strictObject({ field: Field, op: z.literal('contains'), value: Scalar }),
  z.strictObject({ field: Field, op: z.literal('exists'), value: z.boolean().default(true) }),
]);

export const SearchFilters = z
  .strictObject({
    document_ids: z.array(Id).min(1).max(500).optional(),
    source_type: SourceType.optional(),
    metadata: JsonObject.optional().meta({ description: 'What the metadata of a document has to contain' }),
    where: z.array(Condition).min(1).max(20).optional().meta({ description: 'Conditions on its metadata, all of which have to hold' }),
  })
  .meta({ id: 'SearchFilters' });
export type SearchFilters = z.output<typeof SearchFilters>;

export const VectorSearch = z.enum(['pgvector-index', 'pgvector-exact', 'scan', 'none']);

const retrieval = {
  knowledge_base_id: Id,
  query: z.string(),
  top_k: z.int(),
  filters: SearchFilters,
  weights: HybridWeights.optional().meta({ description: 'As they were asked for, or else as the base has them; absent: the usual ones' }),
  embedding: QueryEmbedding,
  rerank: RerankOutcome.optional(),
  vector_search: VectorSearch,
  hits: z.array(RetrievalHit),
  duration_ms: z.number(),
  run_id: Id.nullable().meta({ description: 'The run whose node asked; null: a request' }),
};

export const RetrievalView = z
  .object({
    id: Id,
    ...retrieval,
    weights: HybridWeights.nullable(),
    rerank: RerankOutcome.nullable(),
    workspace_id: z.string(),
    version: z.int(),
    created_at: Time,
  })
  .meta({ id: 'Retrieval' });

export const retrievalContract = defineContract({
  category: 'retrieval',
  events: { 'retrieval.recorded': { summary: 'A base was searched.', version: 1, data: z.object(retrieval) } },
  commands: {
    'retrieval.record': {
      summary: 'Record what a search found. Searches and workflow nodes do it by themselves.',
      target: 'retrieval_id',
      creates: true,
      internal: true,
      data: z.strictObject({ retrieval_id: Id, ...retrieval }),
      example: {
        retrieval_id: 'retrieval-1',
        knowledge_base_id: 'support',
        query: 'refund within seven days',
        top_k: 3,
        filters: {},
        embedding: { space: 'local/hash-v1/384', fallback_used: false, fallback_reason: null, other_spaces: false },
        vector_search: 'pgvector-exact',
        hits: [],
        duration_ms: 4,
        run_id: null,
      },
    },
  },
  queries: {
    'retrieval.get': { summary: 'One recorded search.', params: z.object({ retrieval_id: Id, ...GetParams }), result: RetrievalView },
    'retrieval.list': {
      summary: 'Recorded searches, newest first.',
      params: z.object({ ...PageParams, knowledge_base_id: Id.optional(), run_id: Id.optional() }),
      result: pageOf(RetrievalView),
    },
  },
  routes: [
    { method: 'GET', path: '/knowledge/retrievals', query: 'retrieval.list' },
    { method: 'GET', path: '/knowledge/retrievals/{retrieval_id}', query: 'retrieval.get' },
  ],
});
