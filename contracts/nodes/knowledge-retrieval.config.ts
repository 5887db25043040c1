import { z } from 'zod';
import { RerankChoice } from '../knowledge-base/knowledge-base.contract.ts';
import { HybridWeights } from '../retrieval/hybrid.weights.ts';
import { SearchFilters } from '../retrieval/retrieval.contract.ts';
import { Template } from './template.field.ts';

/** One document of a source. Further members of it are dropped. */
export const SourceDocument = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  title: z
    .string()
    .nullish()
    .transform((title) => title ?? ''),
  text: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
});
export type SourceDocument = z.output<typeof SourceDocument>;

const InlineDocument = z.strictObject({ id: z.string().min(1), title: z.string().default(''), text: z.string() });

export const KnowledgeRetrievalConfig = z
  .strictObject({
    query: z.string().optional().meta({ description: 'What to look for, used as it is' }),
    query_template: Template.optional().meta({ description: 'What to look for, rendered first' }),
    top_k: z.int().min(1).max(100).default(3),
    documents: z.array(InlineDocument).max(10_000).optional().meta({ description: 'The documents themselves' }),
    knowledge_base_id: Template.optional().meta({ description: 'The knowledge base that is searched' }),
    filters: SearchFilters.optional().meta({ description: 'Which documents of the base' }),
    weights: HybridWeights.optional().meta({ description: 'How much vectors and words count; absent: as the base says' }),
    rerank: RerankChoice.optional().meta({ description: 'Whether a model orders what was found in the base; absent: as the base says' }),
    source_url: Template.optional().meta({ description: 'Where to GET them: a list of {id, title, text}, or {documents: [...]}' }),
    headers: z.record(z.string(), Template).optional().meta({ description: 'Headers of that request' }),
    timeout_seconds: z.number().positive().max(600).default(30),
  })
  .refine((config) => (config.query === undefined) !== (config.query_template === undefined), {
    path: ['query'],
    message: 'give either "query" (literal) or "query_template" (rendered)',
  })
  .refine((config) => [config.documents, config.source_url, config.knowledge_base_id].filter((source) => source !== undefined).length === 1, {
    path: ['documents'],
    message: 'give one of "documents" (inline), "source_url" (HTTP) and "knowledge_base_id" (a base of this workspace)',
  })
  .refine((config) => config.weights === undefined || config.knowledge_base_id !== undefined, {
    path: ['weights'],
    message: 'are for a knowledge base: give "knowledge_base_id" too',
  })
  .refine((config) => config.rerank === undefined || config.knowledge_base_id !== undefined, {
    path: ['rerank'],
    message: 'is for a knowledge base: give "knowledge_base_id" too',
  })
  .refine((config) => config.filters === undefined || config.knowledge_base_id !== undefined, {
    path: ['filters'],
    message: 'are for a knowledge base: give "knowledge_base_id" too',
  })
  .meta({ id: 'KnowledgeRetrievalNodeConfig', description: 'Finds documents for a query: of a knowledge base by meaning and words, others by words' });
export type KnowledgeRetrievalConfig = z.output<typeof KnowledgeRetrievalConfig>;
