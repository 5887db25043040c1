/** What a tokenizer makes pieces of: words, numbers, and everything else one by one. */
const PIECE = /[A-Za-z]+|\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu;
const LATIN = /^[A-Za-z]/;

/**
 * About how many tokens a text has, on the careful side: with byte-pair tokenizers of our days English is about four
 * characters a token, numbers two digits at least, and letters of other scripts up to one token each. Never more than
 * one per UTF-16 code unit, so a piece of so many characters always fits.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE))
    tokens += LATIN.test(piece) ? Math.ceil(piece.length / 5) : /^\p{N}/u.test(piece) ? Math.ceil(piece.length / 2) : piece.length;
  return tokens;
}
