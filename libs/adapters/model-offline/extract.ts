import type { Passage } from './prompt.reader.ts';
import { sentences, stems } from './words.ts';

interface Scored {
  readonly sentence: string;
  readonly title: string | null;
  readonly order: number;
  readonly score: number;
}

/** Rarity of each stem over a set of texts (inverse document frequency, smoothed). */
function rarity(texts: readonly string[]): (word: string) => number {
  const documents = new Map<string, number>();
  for (const text of texts) for (const word of new Set(stems(text))) documents.set(word, (documents.get(word) ?? 0) + 1);
  return (word) => Math.log(1 + texts.length / (documents.get(word) ?? texts.length + 1));
}

/**
 * Answers from the passages: the sentences that share the rarest words with the question, at most two, in the order
 * of the text, with the title of the passage. Says so when nothing matches, instead of inventing something.
 */
export function answer(question: string, passages: readonly Passage[]): string {
  const wanted = new Set(stems(question));
  const all = passages.flatMap(({ title, text }) => sentences(text).map((sentence) => ({ sentence, title })));
  const weight = rarity(all.map(({ sentence }) => sentence));
  const overlap = (text: string) => [...new Set(stems(text))].reduce((sum, word) => sum + (wanted.has(word) ? weight(word) : 0), 0);
  const scored = all.map(({ sentence, title }, order): Scored => {
    const own = overlap(sentence);
    // The title says what a passage is about; alone it must not make a sentence an answer to another question.
    return { sentence, title, order, score: own / Math.sqrt(3 + stems(sentence).length) + (title === null ? 0 : overlap(title) / 4) };
  });
  const ranked = scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || a.order - b.order);
  const best = ranked[0];
  if (!best) return 'Thank you for your question. I could not find an answer to it in the material I was given.';
  const second = ranked.find((other) => other !== best && other.title === best.title && other.score >= best.score / 2);
  const chosen = (second ? [best, second] : [best]).toSorted((a, b) => a.order - b.order);
  const source = best.title === null ? '' : ` (Source: ${best.title})`;
  return `Thank you for your question. ${chosen.map(({ sentence }) => closed(sentence)).join(' ')}${source}`;
}

/** The `count` sentences with the most of the text's frequent words, in their order; the first one is favoured. */
export function summarize(text: string, count: number): string {
  const list = sentences(text);
  const frequency = new Map<string, number>();
  for (const word of stems(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const scored = list.map((sentence, order) => {
    const words = stems(sentence);
    const score = words.reduce((sum, word) => sum + (frequency.get(word) ?? 0), 0) / Math.max(words.length, 4);
    return { sentence, order, score: order === 0 ? score * 1.5 : score };
  });
  const best = scored.toSorted((a, b) => b.score - a.score || a.order - b.order).slice(0, count);
  return best
    .toSorted((a, b) => a.order - b.order)
    .map(({ sentence }) => closed(sentence))
    .join(' ');
}

const closed = (sentence: string): string => (/[.!?:;"')\]]$/.test(sentence) ? sentence : `${sentence}.`);
