/** A part of a text and how much it counts. */
export interface TextFeature {
  readonly name: string;
  readonly weight: number;
}

/** Words that nearly every text has tell little about it. */
const COMMON = new Set(
  'a about after all also am an and any are as at be been but by can could did do does for from had has have he how i if in into is it its me my no not of on or our she so than that the their them then there these they this to us was we were what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** What a common word, and what all n-grams of a word together, count in comparison to a word. */
const COMMON_WEIGHT = 0.1;
const GRAMS_WEIGHT = 1;
const GRAM_SIZES = [3, 4];

/** Words of a text, lower case, in the form NFKC, in order. */
const words = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * Words, and the 3- and 4-grams of their characters between marks (`<word>`), so that "refunds" lies near "refund".
 * What occurs n times counts 1 + ln n. A text without any word is one feature of its own.
 */
export function featuresOf(text: string): readonly TextFeature[] {
  const counts = new Map<string, number>();
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size === 0) return [{ name: `-${text.trim()}`, weight: 1 }];
  return [...counts].flatMap(([word, count]) => {
    const weight = (COMMON.has(word) ? COMMON_WEIGHT : 1) * (1 + Math.log(count));
    const grams = gramsOf(word);
    const each = (GRAMS_WEIGHT * weight) / Math.sqrt(grams.length);
    return [{ name: `w${word}`, weight }, ...grams.map((gram) => ({ name: `g${gram}`, weight: each }))];
  });
}

function gramsOf(word: string): readonly string[] {
  const letters = [...`<${word}>`];
  return GRAM_SIZES.flatMap((size) =>
    Array.from({ length: Math.max(0, letters.length - size + 1) }, (_, start) => letters.slice(start, start + size).join('')),
  );
}
