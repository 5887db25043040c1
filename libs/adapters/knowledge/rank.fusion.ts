import type { KnowledgeQuery } from '@agent-platform/ports/knowledge.port';

/** How much a place in each list counts. Vectors find what was meant, words what was said; both together beat either. */
const WEIGHTS: Weights = { vector: 0.6, keyword: 0.4 };
/** Of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): how little the first places differ. */
const K = 60;

type Weights = NonNullable<KnowledgeQuery['weights']>;

export interface Scored {
  readonly chunk_id: string;
  readonly keyword_score: number | null;
  readonly vector_score: number | null;
}

/**
 * The best of the candidates, the best first: weighted reciprocal rank fusion of their places by vector and by words. A
 * candidate that leads both lists gets 1. What only a list of weight 0 has found is left out. Equal scores are told apart by cosine, then by id, so the order is total.
 */
export function fuse<T extends Scored>(candidates: readonly T[], topK: number, weights: Weights = WEIGHTS): readonly (T & { readonly score: number })[] {
  const vector = places(candidates, ({ vector_score }) => vector_score);
  const keyword = places(candidates, ({ keyword_score }) => keyword_score);
  const share = (place: number | undefined): number => (place === undefined ? 0 : (K + 1) / (K + place));
  return candidates
    .map((candidate) => {
      const { chunk_id } = candidate;
      const score = (weights.vector * share(vector.get(chunk_id)) + weights.keyword * share(keyword.get(chunk_id))) / (weights.vector + weights.keyword);
      return { ...candidate, score: Math.round(score * 1e6) / 1e6 };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (b.vector_score ?? -1) - (a.vector_score ?? -1) || (a.chunk_id < b.chunk_id ? -1 : 1))
    .slice(0, topK);
}

/** Places from 1; equal scores share a place. */
function places<T extends Scored>(candidates: readonly T[], scoreOf: (candidate: T) => number | null): ReadonlyMap<string, number> {
  const scored = candidates.flatMap((candidate) => {
    const score = scoreOf(candidate);
    return score === null ? [] : [{ id: candidate.chunk_id, score }];
  });
  const ranks = new Map<string, number>();
  let place = 0;
  let before: number | undefined;
  scored
    .toSorted((a, b) => b.score - a.score)
    .forEach(({ id, score }, index) => {
      if (score !== before) place = index + 1;
      before = score;
      ranks.set(id, place);
    });
  return ranks;
}
