import type { RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import type { KnowledgeHit } from '@agent-platform/ports/knowledge.port';
import type { ChatOptions, ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import { gradingOf, passageOf, readGrades } from './rerank.prompt.ts';

/** What is judged: the hits of a query. */
interface Case {
  readonly query: string;
  readonly hits: readonly KnowledgeHit[];
  readonly model: string | undefined;
}

/** Grades by hit, null where there is none; undefined: the model did not answer grades. */
interface Judgement {
  readonly grades: readonly (number | null)[] | undefined;
  readonly model: string;
}

export type Judge = (asked: Case, options: Omit<ChatOptions, 'onToken'>) => Promise<Judgement>;

const ANSWER_TOKENS = 1_000;

/** The two kinds of models that tell how well passages answer a query. */
export const createJudges = (models: ModelPort & RerankPort): Readonly<Record<RerankSetting['method'], Judge>> => ({
  async chat({ query, hits, model }, options) {
    const request = { ...(model !== undefined && { model }), messages: gradingOf(query, hits), temperature: 0, max_tokens: ANSWER_TOKENS };
    const reply = await models.chat(request, options);
    return { grades: readGrades(reply.text, hits.length), model: reply.model };
  },
  async rerank({ query, hits, model }, options) {
    const answer = await models.rerank({ ...(model !== undefined && { model }), query, documents: hits.map(passageOf) }, options);
    return { grades: answer.scores.some((score) => score !== null) ? answer.scores : undefined, model: answer.model };
  },
});
