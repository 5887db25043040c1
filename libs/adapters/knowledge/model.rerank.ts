import { randomUUID } from 'node:crypto';
import { RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { toFailure } from '@agent-platform/kernel/index';
import type { KnowledgeAnswer, KnowledgeHit, KnowledgePort, KnowledgeQuery, SearchOptions } from '@agent-platform/ports/knowledge.port';
import type { ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import { createJudges } from './rerank.judge.ts';

export interface RerankParts {
  readonly search: KnowledgePort;
  readonly model: ModelPort & RerankPort;
  /** What a base says of its searches; null: they are not reranked. */
  readonly settingOf: (workspaceId: string, knowledgeBaseId: string) => Promise<RerankSetting | null>;
  /** How long the model may take, in milliseconds; then the search answers without it. Default 20,000. */
  readonly timeoutMs?: number;
}

/**
 * A search whose best hits a model reads and puts into order, where the query or the base asks for it. A model that fails, is
 * late or answers something else fails no search: the order stays as it was, and the answer says why.
 */
export function createRerankedSearch({ search, model, settingOf, timeoutMs = 20_000 }: RerankParts): KnowledgePort {
  const judges = createJudges(model);
  /** What the query wants, else what its base does. */
  async function wanted({ rerank, workspace_id, knowledge_base_id }: KnowledgeQuery): Promise<RerankSetting | null> {
    if (typeof rerank === 'object') return RerankSetting.parse(rerank);
    const setting = await settingOf(workspace_id, knowledge_base_id);
    return setting ?? (rerank === true ? RerankSetting.parse({}) : null);
  }

  async function grade(query: KnowledgeQuery, setting: RerankSetting, hits: readonly KnowledgeHit[], options: SearchOptions): Promise<Graded> {
    try {
      const judged = await judges[setting.method](
        { query: query.query, hits, model: setting.model },
        {
          key: options.key === undefined ? randomUUID() : `${options.key}/rerank`,
          signal: AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]),
          origin: { workspace_id: query.workspace_id, ...(options.run_id !== undefined && { run_id: options.run_id }) },
        },
      );
      const { grades = null, model: name } = judged;
      return { grades, model: name, reason: grades ? null : 'rerank-unreadable' };
    } catch (error) {
      if (options.signal.aborted) throw error;
      return { grades: null, model: setting.model ?? null, reason: toFailure(error).code };
    }
  }

  return {
    async search(query, options) {
      if (query.rerank === false) return search.search(query, options);
      const began = performance.now();
      // Most bases want no order by a model: what their searches find is not kept waiting by the question.
      const [setting, plain] = await Promise.all([wanted(query), query.rerank === undefined ? search.search(query, options) : null]);
      if (!setting) return plain ?? search.search(query, options);
      const found = await search.search({ ...query, top_k: Math.max(query.top_k, setting.candidates) }, options);
      const candidates = found.hits.slice(0, setting.candidates);
      const graded: Graded = candidates.length < 2 ? { grades: null, model: null, reason: 'too-few-hits' } : await grade(query, setting, candidates, options);
      const { grades, reason } = graded;
      const rerank: KnowledgeAnswer['rerank'] = { applied: grades !== null, model: graded.model, candidates: candidates.length, reason };
      const hits = grades ? [...inOrder(candidates, grades), ...found.hits.slice(setting.candidates)] : found.hits;
      return { ...found, hits: hits.slice(0, query.top_k), rerank, duration_ms: Math.round((performance.now() - began) * 10) / 10 };
    },
  };
}

interface Graded {
  readonly grades: readonly (number | null)[] | null;
  readonly model: string | null;
  readonly reason: string | null;
}

const byGrade = ({ rerank_score }: KnowledgeHit): number => rerank_score ?? Number.MIN_SAFE_INTEGER;

/** The best grade first; equal ones, and those without, stay as they were found. */
function inOrder(hits: readonly KnowledgeHit[], grades: readonly (number | null)[]): readonly KnowledgeHit[] {
  return hits.map((hit, at) => ({ ...hit, rerank_score: grades[at] ?? null })).toSorted((a, b) => byGrade(b) - byGrade(a));
}
