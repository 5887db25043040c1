/** Elements whose contents nobody reads. */
const UNREAD = new Set(['script', 'style', 'template', 'noscript', 'svg', 'head', 'iframe', 'object']);
/** Elements that end a line. */
const BLOCKS = new Set(
  'address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul title'.split(
    ' ',
  ),
);
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  copy: '©',
  reg: '®',
  euro: '€',
  laquo: '«',
  raquo: '»',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  middot: '·',
};
/** A `<` ends a tag that was never closed, so that no text takes longer than its length. */
const TAG = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>|<[!?][^<>]*>/g;

/**
 * The text of an HTML page: no scripts and styles, a line per block, headings as in markdown, entities as characters.
 * A reader's view, not a sanitizer: its result is searched and shown as text, never as HTML.
 */
export function htmlToText(html: string): string {
  const parts: string[] = [];
  let unread: string | null = null;
  let at = 0;
  const text = (to: number): void => {
    if (unread === null) parts.push(decode(html.slice(at, to)).replaceAll(/\s+/g, ' '));
  };
  for (const match of html.matchAll(TAG)) {
    text(match.index);
    at = match.index + match[0].length;
    const name = match[2]?.toLowerCase();
    if (name === undefined) continue;
    const closing = match[1] === '/';
    if (unread !== null) {
      if (closing && name === unread) unread = null;
      continue;
    }
    if (UNREAD.has(name) && !closing && !match[0].endsWith('/>')) unread = name;
    if (!BLOCKS.has(name)) continue;
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level === undefined) parts.push('\n');
    else parts.push(closing ? '\n' : `\n\n${'#'.repeat(Number(level))} `);
  }
  text(html.length);
  return parts
    .join('')
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '\uFFFD';
  });
