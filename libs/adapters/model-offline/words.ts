/** Words too common to tell anything about a text. */
const COMMON = new Set(
  'a about after all also am an and any are as at be been but by can could did do does for from get had has have how i if in into is it its just like me my no not of on one or our out please so some than that the their them then there these they this to up us was we were what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** The meaningful words of a text, lower case and cut to a stem, in order. */
export const stems = (text: string): readonly string[] => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !COMMON.has(word)).map(stem);

/** A light suffix stripper (the first step of Porter's): plurals and verb endings, so "charged" meets "charges". */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  const base = word
    .replace(/'s$/, '')
    .replace(/(?:sses)$/, 'ss')
    .replace(/ies$/, 'y')
    .replace(/(?<=[^su])s$/, '')
    .replace(/(?<=\w{3})(?:ing|ed)$/, '');
  return base.replace(/([bdgmnprt])\1$/, '$1').replace(/(?<=\w{3})e$/, '');
}

/** Sentences of a text; a line break ends one too, because lists and headings have no full stop. */
export const sentences = (text: string): readonly string[] =>
  text
    .split(/(?<=[.!?])\s+(?=[\p{Lu}\p{N}"'(])|\n+/u)
    .map((sentence) => sentence.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim())
    .filter((sentence) => /\p{L}/u.test(sentence));

/** Tokens as this model counts them: words, numbers and single signs. */
export const countTokens = (text: string): number => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;
