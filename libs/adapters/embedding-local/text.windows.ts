/** Characters that the model reads at a time. Its time and memory grow with the square of the length. */
const WINDOW = 200;
/** Of a longer text the rest counts for nothing: about 6,400 characters; the longest chunk has 4,000. */
const MOST = 32;

/**
 * A text in pieces of whole sentences, lines or words, none longer than `WINDOW`. The model was made for sentences: the mean
 * of several says more about a passage than one vector of all of it (README). Never empty: a text without
 * content is one blank, which the model can read.
 */
export function windowsOf(text: string): readonly string[] {
  const windows: string[] = [];
  let open = '';
  for (const sentence of text.split(/(?<=[.!?:;])\s+|\n+/)) {
    for (const piece of piecesOf(sentence.trim())) {
      if (open !== '' && open.length + 1 + piece.length > WINDOW) {
        windows.push(open);
        open = '';
      }
      open = open === '' ? piece : `${open} ${piece}`;
    }
    if (windows.length >= MOST) break;
  }
  if (open !== '') windows.push(open);
  return windows.length === 0 ? [' '] : windows.slice(0, MOST);
}

/** A sentence as it is, or cut at its last blanks that fit; a word that is longer than a window is cut anywhere. */
function piecesOf(sentence: string): readonly string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > WINDOW && pieces.length < MOST) {
    const blank = rest.lastIndexOf(' ', WINDOW);
    const end = blank > 0 ? blank : WINDOW;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? pieces : [...pieces, rest.slice(0, WINDOW)];
}
