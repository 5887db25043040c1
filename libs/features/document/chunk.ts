import type { Chunking } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { estimateTokens } from './chunk.tokens.ts';
import { splitUnits, type Unit } from './chunk.units.ts';

/** Recorded with every chunk: raise it with every change after which the same text is cut differently. */
export const CHUNKER_VERSION = 'structure-1';

/** A piece of a text. `start` and `end` are UTF-16 places in it, `end` not included; `text` is what lies between them. */
export interface Chunk {
  readonly position: number;
  readonly start: number;
  readonly end: number;
  /** Headings above its beginning, from the outermost, joined by " > ". */
  readonly heading: string | null;
  /** About how many tokens it has. */
  readonly tokens: number;
  readonly text: string;
}

/** A unit with what it costs of the budget of tokens; 0 where there is none. */
interface Weighed extends Unit {
  readonly tokens: number;
}

/**
 * Cuts a text by its structure: at headings first, then between paragraphs, sentences and words. Chunks lie in the
 * order of the text, cover everything but white space, are at most `max_chars` long (and `max_tokens`), and repeat at most
 * `overlap_chars` of the one before, in whole sentences or words. Pure: the same text gives the same chunks. Goes on only as
 * far as it is asked, so a long text can be cut in pieces of time.
 */
export function* cutText(text: string, { max_chars, overlap_chars, max_tokens }: Chunking): Generator<Chunk, void, void> {
  let position = 0;
  let open: Weighed[] = [];
  /** How many of the open units only repeat the chunk before. */
  let repeated = 0;

  function close(): Chunk | undefined {
    const [first] = open;
    const last = open.at(-1);
    if (!first || !last || repeated === open.length) return undefined;
    const raw = text.slice(first.start, last.end);
    const body = raw.trim();
    if (body === '') return undefined;
    const start = first.start + raw.indexOf(body);
    const own = open[repeated] ?? first;
    return { position: position++, start, end: start + body.length, heading: own.heading, tokens: estimateTokens(body), text: body };
  }

  const most = max_tokens ?? Number.POSITIVE_INFINITY;
  // A character is a token at most, so every unit fits.
  for (const unit of splitUnits(text, Math.min(max_chars, most))) {
    const tokens = max_tokens === undefined ? 0 : estimateTokens(text.slice(unit.start, unit.end));
    const begin = open[0]?.start ?? unit.start;
    const full = unit.end - begin > max_chars || sum(open) + tokens > most;
    // A heading opens a chunk of its own, unless that would leave a crumb behind.
    const section = unit.kind === 'heading' && unit.start - begin > max_chars / 4;
    if (full || section) {
      const chunk = close();
      if (chunk) yield chunk;
      open = section ? [] : tailOf(open, Math.min(overlap_chars, max_chars - (unit.end - unit.start)));
      while (open.length > 0 && sum(open) + tokens > most) open.shift();
      repeated = open.length;
    }
    open.push({ ...unit, tokens });
  }
  const chunk = close();
  if (chunk) yield chunk;
}

export const chunkText = (text: string, chunking: Chunking): Chunk[] => [...cutText(text, chunking)];

const sum = (units: readonly Weighed[]): number => units.reduce((total, { tokens }) => total + tokens, 0);

/** The last whole units that together are at most `room` long. Never all of them: a chunk has to get further than the one before. */
function tailOf(units: readonly Weighed[], room: number): Weighed[] {
  const end = units.at(-1)?.end ?? 0;
  const from = units.findIndex((unit, index) => index > 0 && end - unit.start <= room);
  return from < 0 ? [] : units.slice(from);
}
