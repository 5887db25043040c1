import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { SearchFilters } from '@agent-platform/contracts/retrieval/retrieval.contract';
import { deterministicUuid, type EffectContext } from '@agent-platform/kernel/index';
import { type KnowledgeAnswer, type Ports, recordOf } from '@agent-platform/ports/index';

/** A question to a knowledge base, as it is recorded in a request. */
export type BaseQuery = {
  knowledge_base_id: string;
  query: string;
  top_k: number;
  filters: JsonObject;
  weights?: { vector: number; keyword: number };
  rerank?: boolean | { method: 'chat' | 'rerank'; model?: string; candidates: number };
};

/** What was found: the hits as documents, the id under which the search is recorded, and which vectors were compared. */
export interface BaseAnswer {
  readonly documents: readonly object[];
  readonly retrieval_id: string;
  readonly embedding: KnowledgeAnswer['embedding'];
}

/** Searches, and records what was found: with an id of what it is, so that a search that is repeated after a crash is recorded as a second one. */
export async function searchBase(request: BaseQuery, { knowledge }: Ports, { stream, key, signal, command }: EffectContext): Promise<BaseAnswer> {
  const { workspace_id, category, stream_id } = stream;
  const query = { ...request, workspace_id, filters: SearchFilters.parse(request.filters) };
  const run_id = category === 'run' ? stream_id : null;
  const answer = await knowledge.search(query, { signal, key, ...(run_id !== null && { run_id }) });
  const record = recordOf(query, answer, run_id);
  const retrieval_id = deterministicUuid(`retrieval/${key}/${JSON.stringify(record)}`);
  await command('retrieval.record', workspace_id, { retrieval_id, ...record }, retrieval_id);
  return { documents: answer.hits.map(({ document_id, ...hit }) => ({ id: document_id, ...hit })), retrieval_id, embedding: answer.embedding };
}
