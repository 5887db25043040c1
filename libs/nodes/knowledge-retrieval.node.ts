import { KnowledgeRetrievalConfig, SourceDocument } from '@agent-platform/contracts/nodes/knowledge-retrieval.config';
import { Id, type JsonObject } from '@agent-platform/contracts/kit/index';
import { type EffectContext, given, storable } from '@agent-platform/kernel/index';
import { hasCredentials } from '@agent-platform/kernel/secret-headers';
import type { HttpResponse, Ports } from '@agent-platform/ports/index';
import { z } from 'zod';
import { explainHttp, isSuccess, statusError } from './http-answer.ts';
import { rankByKeywords } from './keyword-rank.ts';
import { type BaseQuery, searchBase } from './knowledge.search.ts';
import type { EffectNode, NodeEnd, NodeError } from './node.ts';
import { attempt, failed, nodeError } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';
import { fillHttp } from './tool.secrets.ts';

/** Inline documents are ranked while the request is made, so only the result is kept, not every document. */
type Request =
  | { found: z.output<typeof Found> }
  | BaseQuery
  | { query: string; top_k: number; url: string; headers: { [name: string]: string }; timeout_ms: number };

const Found = z.array(z.object({ id: z.string(), title: z.string(), text: z.string(), score: z.number() }));
const Answer = z.union([z.array(SourceDocument), z.object({ documents: z.array(SourceDocument) }).transform(({ documents }) => documents)]);

const retrieved = (documents: z.output<typeof Found>): NodeEnd => {
  // Every text was storable by itself; together they may be too many.
  const { value } = storable(documents);
  return { status: 'completed', output_json: { retrieved_documents: value }, output_text: null };
};

function readAnswer(response: HttpResponse, request: Extract<Request, { url: string }>): NodeEnd {
  if (!isSuccess(response)) return failed(statusError(response, 'The document source', { repeatable: true }));
  let body: unknown;
  try {
    body = JSON.parse(response.text);
  } catch {
    const cut = response.truncated ? ' (it was cut at the size limit)' : '';
    return failed(nodeError('source-json-invalid', `The document source answered something that is not JSON${cut}; it has to be a list of {id, title, text}.`));
  }
  const documents = Answer.safeParse(storable(body).value);
  if (documents.success) return retrieved(rankByKeywords(request.query, documents.data, request.top_k));
  return failed(nodeError('source-shape-invalid', 'The document source has to answer a list of {id, title, text}, or {"documents": [...]}.'));
}

/** Queries of runs may be long; what is beyond this says nothing new to a search. */
const LONGEST_QUERY = 4000;

function fromBase(id: string, query: string, { top_k, filters = {}, weights, rerank }: KnowledgeRetrievalConfig): BaseQuery | { failed: NodeError } {
  if (!Id.safeParse(id).success) return { failed: nodeError('knowledge-base-id-invalid', `knowledge_base_id is "${id.slice(0, 80)}", which is no id.`) };
  if (query.trim() === '') return { failed: nodeError('query-empty', 'The query is empty; give words to look for.') };
  // JSON by its schema; only its optional fields keep TypeScript from seeing it.
  const asked = {
    knowledge_base_id: id,
    query: query.trim().slice(0, LONGEST_QUERY).toWellFormed(),
    top_k,
    filters: filters as JsonObject,
    ...(weights && { weights }),
  };
  return rerank === undefined ? asked : { ...asked, rerank: typeof rerank === 'boolean' ? rerank : given(rerank) };
}

async function fromSearch(request: BaseQuery, ports: Ports, context: EffectContext): Promise<NodeEnd> {
  const { documents, ...found } = await searchBase(request, ports, context);
  const { value } = storable({ retrieved_documents: documents, ...found });
  return { status: 'completed', output_json: value, output_text: null };
}

export const knowledgeRetrievalNode: EffectNode<KnowledgeRetrievalConfig, Request> = {
  types: ['knowledge-retrieval', 'retriever'],
  kind: 'effect',
  summary: 'Finds documents for a query: of a knowledge base by meaning and words, inline or fetched ones by words.',
  config: KnowledgeRetrievalConfig,
  check: ({ query_template, source_url, headers, knowledge_base_id }) => templateProblems({ query_template, source_url, headers, knowledge_base_id }),
  request(config, scope) {
    const { query_template, source_url, headers, knowledge_base_id } = config;
    const rendered = renderFields({ query_template, source_url, headers, knowledge_base_id }, scope);
    if ('failed' in rendered) return rendered;
    const query = config.query ?? asText(rendered.value['query_template']);
    if (config.documents) return { found: rankByKeywords(query, config.documents, config.top_k) };
    if (knowledge_base_id !== undefined) return fromBase(asText(rendered.value['knowledge_base_id']), query, config);
    const url = asText(rendered.value['source_url']);
    if (hasCredentials(url))
      return { failed: nodeError('source-url-invalid', 'source_url holds a user name or password; send them in the header "authorization".') };
    const values = Object.entries((rendered.value['headers'] ?? {}) as Record<string, never>);
    return {
      query,
      top_k: config.top_k,
      url,
      headers: { accept: 'application/json', ...Object.fromEntries(values.map(([name, value]) => [name.toLowerCase(), asText(value)])) },
      timeout_ms: Math.ceil(config.timeout_seconds * 1000),
    };
  },
  immediate: (request) => ('found' in request ? retrieved(request.found) : null),
  fill: (request, fill) => ('url' in request ? fillHttp(request, fill) : request),
  onUnknown: () => 'repeat',
  async perform(request, ports, context) {
    if ('found' in request) return retrieved(request.found);
    if ('knowledge_base_id' in request) return attempt(context, () => fromSearch(request, ports, context));
    const { url, headers, timeout_ms } = request;
    const work = async () => readAnswer(await ports.http.send({ method: 'GET', url, headers, timeout_ms }, { signal: context.signal }), request);
    return attempt(context, work, (thrown) => explainHttp(thrown, { repeatable: true }));
  },
};
