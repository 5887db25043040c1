import { LEXICON, SYNONYMS } from './lexicon.ts';
import type { Label } from './prompt.reader.ts';
import { stem, stems } from './words.ts';

/** A word of the label itself tells most, one of its hint in the prompt more than one of our own list. */
const WEIGHT = { name: 4, hint: 2, topic: 1 } as const;

/**
 * The label whose words occur most in the text. A word that several labels share counts less for each. A tie goes to
 * the label listed first; when no word matches at all, to one named "other", "general" or "unknown", else to the first.
 */
export function classify(labels: readonly Label[], text: string): string {
  const vocabularies = labels.map(vocabulary);
  const shared = new Map<string, number>();
  for (const words of vocabularies) for (const word of words.keys()) shared.set(word, (shared.get(word) ?? 0) + 1);
  const found = stems(text);
  const scores = vocabularies.map((words) => {
    const times = new Map<string, number>();
    let score = 0;
    for (const word of found) {
      const weight = words.get(word);
      if (weight === undefined) continue;
      // The second time a word comes it tells half as much: one repeated word must not outvote three different ones.
      const seen = times.get(word) ?? 0;
      times.set(word, seen + 1);
      score += weight / (shared.get(word) ?? 1) / 2 ** seen;
    }
    return score;
  });
  const best = Math.max(...scores);
  const fallback = labels.findIndex(({ name }) => /^(?:other|general|unknown|none|misc\w*)$/i.test(name));
  const index = best > 0 ? scores.indexOf(best) : Math.max(fallback, 0);
  return labels[index]?.name ?? '';
}

function vocabulary({ name, hint }: Label): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  const add = (list: readonly string[], weight: number) => {
    for (const word of list) words.set(word, Math.max(words.get(word) ?? 0, weight));
  };
  const parts = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  for (const part of parts) add(stems(LEXICON[SYNONYMS[part] ?? part] ?? ''), WEIGHT.topic);
  add(stems(hint), WEIGHT.hint);
  add(parts.filter((part) => part !== '').map(stem), WEIGHT.name);
  return words;
}
