import { z } from 'zod';
import { Code, defineContract, GetParams, Id, Name, pageOf, PageParams, Time } from '../kit/index.ts';

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

const fields = { code: Code, name: Name, description: Description.nullable(), chunking: Chunking };

export const KnowledgeBaseView = z
  .object({
    id: Id,
    ...fields,
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
    'knowledge_base.created': { summary: 'A knowledge base was created.', version: 1, data: z.object(fields) },
    'knowledge_base.updated': {
      summary: 'Fields changed; only what changed is named. New chunk sizes count for documents that are indexed from now on.',
      version: 1,
      data: z.object({ code: Code.optional(), name: Name.optional(), description: Description.nullable().optional(), chunking: Chunking.optional() }),
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
      }),
      example: { knowledge_base_id: 'support', name: 'Support' },
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
    { method: 'POST', path: '/knowledge/bases/{knowledge_base_id}/archive', command: 'knowledge_base.archive' },
  ],
});
