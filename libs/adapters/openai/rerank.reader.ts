import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import type { RerankResult } from '@agent-platform/ports/model.port';

const Answer = z.object({
  model: z.string().nullish(),
  results: z.array(z.object({ index: z.int().min(0), relevance_score: z.number() })),
});

/** The scores of an answer in the form of Cohere, Jina and vLLM, by document. Throws Failure transient `model-bad-answer`. */
export function readScores(answer: unknown, { model = 'default', count }: { readonly model?: string | undefined; readonly count: number }): RerankResult {
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) {
    const cause = parsed.error;
    throw new Failure('transient', 'model-bad-answer', 'The provider answered with something that is no reranking. Check the base URL and the model.', {
      cause,
    });
  }
  const scores = new Map(parsed.data.results.map(({ index, relevance_score }) => [index, relevance_score]));
  return { model: parsed.data.model ?? model, scores: Array.from({ length: count }, (_, index) => scores.get(index) ?? null) };
}
