/** What is not cut, if it can be helped: a heading, a sentence, or a part of a long one, with the white space behind it. */
export interface Unit {
  readonly kind: 'heading' | 'text';
  readonly start: number;
  readonly end: number;
  /** Headings above it, joined by " > "; of a heading: with itself. */
  readonly heading: string | null;
}

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$/;
const FENCE = /^ {0,3}(?:```|~~~)/;
/** Where a sentence ends: a stop with what closes after it and white space; a full-width stop; an end of line. */
const SENTENCE_END = /[.!?…]["')\]”’»]*\s+|[。！？]+\s*|\n\s*/g;
const LONGEST_HEADING = 200;

/** The units of a text, side by side: they cover all of it. None is longer than `max` (UTF-16 code units). */
export function* splitUnits(text: string, max: number): Generator<Unit> {
  const path: string[] = [];
  let fenced = false;
  let from = 0;
  const headingNow = (): string | null => path.filter((part) => part !== '').join(' > ') || null;

  function* body(to: number): Generator<Unit> {
    for (const [start, end] of sentences(text, from, to))
      for (const [a, b] of cut(text, start, end, max)) yield { kind: 'text', start: a, end: b, heading: headingNow() };
    from = to;
  }

  for (const [start, end] of lines(text)) {
    const line = text.slice(start, Math.min(end, start + LONGEST_HEADING + 10)).trimEnd();
    if (FENCE.test(line)) fenced = !fenced;
    const found = fenced || line.length > LONGEST_HEADING ? null : HEADING.exec(line);
    if (!found) continue;
    yield* body(start);
    const level = found[1]?.length ?? 1;
    path.length = Math.min(path.length, level - 1);
    while (path.length < level - 1) path.push('');
    path.push(found[2] ?? '');
    for (const [a, b] of cut(text, start, end, max)) yield { kind: 'heading', start: a, end: b, heading: headingNow() };
    from = end;
  }
  yield* body(text.length);
}

/** Lines with their ends. */
function* lines(text: string): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < text.length;) {
    const at = text.indexOf('\n', start);
    const end = at < 0 ? text.length : at + 1;
    yield [start, end];
    start = end;
  }
}

function* sentences(text: string, from: number, to: number): Generator<readonly [start: number, end: number]> {
  let start = from;
  for (const match of text.slice(from, to).matchAll(SENTENCE_END)) {
    const end = from + match.index + match[0].length;
    yield [start, end];
    start = end;
  }
  if (start < to) yield [start, to];
}

/** Pieces of at most `max`, cut behind white space where there is some in the second half, and never inside a character. */
function* cut(text: string, from: number, to: number, max: number): Generator<readonly [start: number, end: number]> {
  let start = from;
  while (to - start > max) {
    let end = start + max;
    const space = lastSpace(text, start + Math.ceil(max / 2), end);
    if (space !== undefined) end = space + 1;
    else if (isLowSurrogate(text.charCodeAt(end))) end -= 1;
    yield [start, end];
    start = end;
  }
  yield [start, to];
}

function lastSpace(text: string, from: number, to: number): number | undefined {
  for (let at = to - 1; at >= from; at--) if (/\s/.test(text.charAt(at))) return at;
  return undefined;
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
