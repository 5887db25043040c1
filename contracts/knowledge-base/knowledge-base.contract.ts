import { z } from 'zod';
import { Code, defineContract, GetParams, Id, Name, pageOf, PageParams, Time } from '../kit/index.ts';
import { HybridWeights } from '../retrieval/hybrid.weights.ts';

const Description = z.string().max(5000);

/** How documents of a base are cut. Sizes are UTF-16 code units, as JavaScript counts them. */
export const Chunking = z
  .strictObject({
    max_chars: z.int().min(200).max(4000).default(1000).meta({ description: 'A chunk is never longer' }),
    overlap_chars: z.int().min(0).max(1000).default(150).meta({ description: 'How much of a chunk the next one repeats, at most; half of max_chars at most' }),
    max_tokens: z
      .int()
      .min(50)
      .max(8000)
      .optional()
      .meta({ description: 'Nor has it more tokens than this, by a careful estimate: for embedding models with a small window' }),
  })
  .meta({ id: 'Chunking' });
export type Chunking = z.output<typeof Chunking>;

/** Whether found chunks are put into order once more, by a model that reads them. */
export const RerankSetting = z
  .strictObject({
    method: z
      .enum(['chat', 'rerank'])
      .default('chat')
      .meta({ description: 'chat: a chat model grades the chunks; rerank: a reranking model scores them (`/models/rerank`)' }),
    model: z.string().min(1).max(200).optional().meta({ description: 'Name as the model gateway knows it; absent: its default' }),
    candidates: z.int().min(2).max(50).default(20).meta({ description: 'How many of the best chunks it reads' }),
  })
  .meta({ id: 'Rerank' });
export type RerankSetting = z.output<typeof RerankSetting>;

/** What a search says of it. */
export const RerankChoice = z.union([z.boolean(), RerankSetting], {
  error: 'must be true, false, or an object of method (chat or rerank), model and candidates (2 to 50)',
});

/** How far a reindex of all documents is. */
const Reindex = z
  .object({
    id: z.string(),
    status: z.enum(['asking', 'asked', 'failed']).meta({ description: 'asking: documents are still being told; asked: all of them are' }),
    documents: z.int().meta({ description: 'Documents that were told so far' }),
  })
  .meta({ id: 'Reindex' });

const fields = { code: Code, name: Name, description: Description.nullable(), chunking: Chunking };

export const KnowledgeBaseView = z
  .object({
    id: Id,
    ...fields,
    rerank: RerankSetting.nullable().meta({ description: 'How searches of this base order what they find; null: not once more' }),
    weights: HybridWeights.nullable().meta({
      description: 'How much vectors and words count in searches that say nothing of it; null: vector 0.6, keyword 0.4',
    }),
    reindex: Reindex.nullable().meta({ description: 'The last reindex of all documents; null: none was' }),
    status: z.enum(['active', 'archived']),
    workspace_id: z.string(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'KnowledgeBase' });

const target = { knowledge_base_id: Id };

export const knowledgeBaseContract = defineContract({
  category: 'knowledge_base',
  events: {
    'knowledge_base.created': {
      summary: 'A knowledge base was created.',
      version: 1,
      data: z.object({ ...fields, rerank: RerankSetting.nullable().optional(), weights: HybridWeights.nullable().optional() }),
    },
    'knowledge_base.updated': {
      summary: 'Fields changed; only what changed is named. New chunk sizes count for documents that are indexed from now on.',
      version: 1,
      data: z.object({
        code: Code.optional(),
        name: Name.optional(),
        description: Description.nullable().optional(),
        chunking: Chunking.optional(),
        rerank: RerankSetting.nullable().optional(),
        weights: HybridWeights.nullable().optional(),
      }),
    },
    'knowledge_base.reindex_requested': {
      summary: 'All documents of the base are to be indexed again; until that is done their old indexes are found.',
      version: 1,
      data: z.object({ reindex_id: z.string() }),
    },
    'knowledge_base.reindex_continued': {
      summary: 'The next documents are being told to index themselves again.',
      version: 1,
      data: z.object({
        reindex_id: z.string(),
        after: z.string().nullable().meta({ description: 'Id of the last document that was told' }),
        documents: z.int().min(0).meta({ description: 'Documents that were told so far' }),
        attempt: z.int().min(1),
      }),
    },
    'knowledge_base.reindex_asked': {
      summary: 'All documents of the base were told to index themselves again.',
      version: 1,
      data: z.object({ reindex_id: z.string(), documents: z.int().min(0) }),
    },
    'knowledge_base.reindex_failed': {
      summary: 'Telling the documents was given up; those that were told go on.',
      version: 1,
      data: z.object({ reindex_id: z.string(), documents: z.int().min(0), error: z.object({ code: z.string(), message: z.string() }) }),
    },
    'knowledge_base.archived': { summary: 'The base takes no more documents and is not searched any more.', version: 1, data: z.object({}) },
  },
  commands: {
    'knowledge_base.create': {
      summary: 'Create a knowledge base. Its code is unique in the workspace.',
      target: 'knowledge_base_id',
      creates: true,
      data: z.strictObject({
        knowledge_base_id: Id.optional(),
        code: Code,
        name: Name,
        description: Description.optional(),
        chunking: Chunking.default({ max_chars: 1000, overlap_chars: 150 }),
        rerank: RerankSetting.nullable().default(null),
        weights: HybridWeights.nullable().default(null),
      }),
      example: { knowledge_base_id: 'support', code: 'support_kb', name: 'Support Knowledge Base' },
    },
    'knowledge_base.update': {
      summary: 'Change fields of a base; what is not named stays. null empties the description.',
      target: 'knowledge_base_id',
      data: z.strictObject({
        ...target,
        code: Code.optional(),
        name: Name.optional(),
        description: Description.nullable().optional(),
        chunking: Chunking.optional(),
        rerank: RerankSetting.nullable().optional(),
        weights: HybridWeights.nullable().optional(),
      }),
      example: { knowledge_base_id: 'support', name: 'Support' },
    },
    'knowledge_base.reindex': {
      summary:
        'Index all documents of a base again, in the background: after another embedding model, or other chunk sizes. While one is under way, it goes on.',
      target: 'knowledge_base_id',
      data: z.strictObject(target),
      example: { knowledge_base_id: 'support' },
    },
    'knowledge_base.archive': {
      summary: 'Archive a base: it takes no more documents and is not searched any more. Its code stays taken.',
      target: 'knowledge_base_id',
      data: z.strictObject(target),
      example: { knowledge_base_id: 'support' },
    },
  },
  queries: {
    'knowledge_base.get': { summary: 'One knowledge base.', params: z.object({ ...target, ...GetParams }), result: KnowledgeBaseView },
    'knowledge_base.list': {
      summary: 'Knowledge bases, newest first.',
      params: z.object({
        ...PageParams,
        q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
        code: Code.optional(),
        status: z.enum(['active', 'archived']).optional(),
      }),
      result: pageOf(KnowledgeBaseView),
    },
  },
  routes: [
    { method: 'POST', path: '/knowledge/bases', command: 'knowledge_base.create', status: 201 },
    { method: 'GET', path: '/knowledge/bases', query: 'knowledge_base.list' },
    { method: 'GET', path: '/knowledge/bases/{knowledge_base_id}', query: 'knowledge_base.get' },
    { method: 'PATCH', path: '/knowledge/bases/{knowledge_base_id}', command: 'knowledge_base.update' },
    { method: 'PUT', path: '/knowledge/bases/{knowledge_base_id}', command: 'knowledge_base.update' },
    { method: 'POST', path: '/knowledge/bases/{knowledge_base_id}/reindex', command: 'knowledge_base.reindex', status: 202 },
    { method: 'POST', path: '/knowledge/bases/{knowledge_base_id}/archive', command: 'knowledge_base.archive' },
  ],
});
