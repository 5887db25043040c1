/** What a search found out about a memory before it is ranked. */
export interface Candidate {
  readonly id: string;
  readonly content_text: string;
  /** As it was written, 0 to 100. */
  readonly importance_score: number;
  /** Cosine of the memory's and the query's embedding; null when the memory has none in the space of the query. */
  readonly cosine: number | null;
}

/** All of them 0 to 1. */
export interface MemoryScores {
  readonly keyword_score: number;
  readonly vector_score: number;
  readonly importance_score: number;
  /** What memories are ordered by. */
  readonly score: number;
}

/** How much each score counts, in relation to the others. */
export interface MemoryWeights {
  readonly keyword: number;
  readonly vector: number;
  readonly importance: number;
}

/** How soon more of the same word stops to count: one occurrence is 2/3, two are 4/5, three 6/7. */
const SATURATION = 0.5;

/** Databases add up the products of a cosine in different orders and precisions: what differs by that is the same. */
const round = (value: number): number => Math.round(value * 1e5) / 1e5;
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Words of a text, lower case, in the form NFKC. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/** How well a text has the words of a query: the mean over the query's different words of f / (f + 0.5), f their frequency. */
export function keywordScore(query: string, text: string): number {
  const wanted = new Set(wordsOf(query));
  if (wanted.size === 0) return 0;
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) if (wanted.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum += count / (count + SATURATION);
  return round(sum / wanted.size);
}

/** Scores candidates and puts the best first; equal ones by id, so that the order is always the same. */
export function rankMemories<C extends Candidate>(
  query: string,
  candidates: readonly C[],
  { keyword, vector, importance }: MemoryWeights,
): readonly { readonly candidate: C; readonly scores: MemoryScores }[] {
  const all = keyword + vector + importance || 1;
  return candidates
    .map((candidate) => {
      const keyword_score = keywordScore(query, candidate.content_text);
      // Opposite directions are as far from fitting as unrelated ones.
      const vector_score = round(clamp(candidate.cosine ?? 0));
      const importance_score = round(clamp(candidate.importance_score / 100));
      const score = round((keyword * keyword_score + vector * vector_score + importance * importance_score) / all);
      return { candidate, scores: { keyword_score, vector_score, importance_score, score } };
    })
    .toSorted((a, b) => b.scores.score - a.scores.score || (a.candidate.id < b.candidate.id ? -1 : 1));
}
