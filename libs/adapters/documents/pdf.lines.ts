/** What pdf.js says of a piece of text; pieces follow each other as they are read. */
export interface TextPiece {
  readonly str: string;
  readonly hasEOL: boolean;
  /** Its matrix: the third and fourth number hold the size of the letters. */
  readonly transform: readonly number[];
}

export interface Line {
  readonly text: string;
  /** Size of most of its letters, in half points; 0: unknown. */
  readonly size: number;
}

/** Letters that are larger than this share of the usual ones make a heading. */
const LARGER = 1.15;
const LONGEST_HEADING = 150;
const DEEPEST = 4;
/** A line of a table of contents. */
const LEADERS = /(?:\. ?){4}/;
/** What would be a heading in markdown, and is none. */
const MARKED = /^(?=#{1,6} )/;

/** The lines of a page. */
export function linesOf(pieces: readonly TextPiece[]): Line[] {
  const lines: Line[] = [];
  let text = '';
  let sizes = new Map<number, number>();
  const end = (): void => {
    lines.push({ text: text.replaceAll(/[ \t\u00a0]+/g, ' ').trim(), size: mostOf(sizes) });
    text = '';
    sizes = new Map();
  };
  for (const { str, hasEOL, transform } of pieces) {
    text += str;
    const size = Math.round(Math.hypot(transform[2] ?? 0, transform[3] ?? 0) * 2) / 2;
    sizes.set(size, (sizes.get(size) ?? 0) + str.trim().length);
    if (hasEOL) end();
  }
  if (text !== '') end();
  return lines;
}

/**
 * Pages as markdown whose headings are the lines in letters larger than the usual ones: the largest are the first level. A PDF does not
 * say what a heading is; this finds those of most printed texts, and takes what is short and large for one where it errs.
 */
export function pagesOf(pages: readonly (readonly Line[])[]): string[] {
  const written = new Map<number, number>();
  for (const { text, size } of pages.flat()) written.set(size, (written.get(size) ?? 0) + text.length);
  const usual = mostOf(written);
  const isHeading = ({ text, size }: Line): boolean =>
    usual > 0 && size > usual * LARGER && text.length <= LONGEST_HEADING && /\p{L}{2}/u.test(text) && !LEADERS.test(text);
  const levels = [
    ...new Set(
      pages
        .flat()
        .filter(isHeading)
        .map(({ size }) => size),
    ),
  ].toSorted((a, b) => b - a);
  return pages.map((lines) => {
    let page = '';
    let open = 0;
    for (const line of lines) {
      const level = isHeading(line) ? Math.min(levels.indexOf(line.size) + 1, DEEPEST) : 0;
      // A heading that goes on in the next line is one.
      if (level > 0) page += open === level ? ` ${line.text}` : `\n\n${'#'.repeat(level)} ${line.text}`;
      else page += `${open > 0 ? '\n\n' : '\n'}${line.text.replace(MARKED, '\\')}`;
      open = level;
    }
    return tidy(page);
  });
}

/** A word that was divided at the end of a line is one again. */
const tidy = (page: string): string =>
  page
    .replaceAll(/(\p{Ll})-\n(\p{Ll})/gu, '$1$2')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

/** The key with the highest count; 0 where there is none. */
function mostOf(counts: ReadonlyMap<number, number>): number {
  let found = 0;
  let most = 0;
  for (const [key, count] of counts) if (count > most) [found, most] = [key, count];
  return found;
}
