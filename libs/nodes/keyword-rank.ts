import type { SourceDocument } from '@agent-platform/contracts/nodes/knowledge-retrieval.config';

export interface RankedDocument extends SourceDocument {
  readonly score: number;
}

/** A script without spaces between words gives one word per character; everything else goes by letters and digits. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}_]+/gu;

/** Usual values of BM25: how fast repetition stops to count, and how much long documents are held back. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

const wordsOf = (text: string): readonly string[] => text.normalize('NFKC').toLowerCase().match(WORD) ?? [];

/**
 * The `topK` best documents by the words they share with the query, best first; documents that share none are left
 * out. Okapi BM25 with the title counted twice and an inverse document frequency that is never negative (as in
 * Lucene). Deterministic: equal scores keep the order of the documents.
 */
export function rankByKeywords(query: string, documents: readonly SourceDocument[], topK: number): RankedDocument[] {
  const terms = [...new Set(wordsOf(query))];
  const counted = documents.map((document) => countTerms(`${document.title} ${document.title} ${document.text}`, terms));
  const averageLength = counted.reduce((sum, { length }) => sum + length, 0) / Math.max(1, counted.length);
  const weights = terms.map((_, term) => {
    const holders = counted.filter(({ counts }) => (counts[term] ?? 0) > 0).length;
    return Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5));
  });
  return documents
    .map((document, at) => ({ ...document, score: score(counted[at], weights, averageLength) }))
    .filter((document) => document.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

interface Counted {
  readonly length: number;
  readonly counts: readonly number[];
}

function countTerms(text: string, terms: readonly string[]): Counted {
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { length: words.length, counts: terms.map((term) => counts.get(term) ?? 0) };
}

function score(document: Counted | undefined, weights: readonly number[], averageLength: number): number {
  if (!document) return 0;
  const held = SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * document.length) / averageLength);
  const sum = document.counts.reduce((total, count, term) => total + (weights[term] ?? 0) * ((count * (SATURATION + 1)) / (count + held)), 0);
  // Rounded, so that documents that deserve the same score get it whatever the order of the additions.
  return Math.round(sum * 1e6) / 1e6;
}
