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

/**
 * Cuts a text by its structure: at headings first, then between paragraphs, sentences and words. Chunks lie in the
 * order of the text, cover everything but white space, are at most `max_chars` long (and `max_tokens`), and repeat at most
 * `overlap_chars` of the one before, in whole sentences or words. Pure: the same text gives the same chunks.
 */
export function chunkText(text: string, { max_chars, overlap_chars, max_tokens = Number.POSITIVE_INFINITY }: Chunking): Chunk[] {
  const chunks: Chunk[] = [];
  let open: Unit[] = [];
  /** How many of the open units only repeat the chunk before. */
  let repeated = 0;

  function close(): void {
    const [first] = open;
    const last = open.at(-1);
    if (!first || !last || repeated === open.length) return;
    const raw = text.slice(first.start, last.end);
    const body = raw.trim();
    if (body === '') return;
    const start = first.start + raw.indexOf(body);
    const own = open[repeated] ?? first;
    chunks.push({ position: chunks.length, start, end: start + body.length, heading: own.heading, tokens: estimateTokens(body), text: body });
  }

  const tokensOf = (from: number, to: number): number => (Number.isFinite(max_tokens) ? estimateTokens(text.slice(from, to)) : 0);

  // A character is a token at most, so every unit fits.
  for (const unit of splitUnits(text, Math.min(max_chars, max_tokens))) {
    const begin = open[0]?.start ?? unit.start;
    const full = unit.end - begin > max_chars || tokensOf(begin, unit.end) > max_tokens;
    // A heading opens a chunk of its own, unless that would leave a crumb behind.
    const section = unit.kind === 'heading' && unit.start - begin > max_chars / 4;
    if (full || section) {
      close();
      open = section ? [] : tailOf(open, Math.min(overlap_chars, max_chars - (unit.end - unit.start)));
      while (open[0] && tokensOf(open[0].start, unit.end) > max_tokens) open.shift();
      repeated = open.length;
    }
    open.push(unit);
  }
  close();
  return chunks;
}

/** The last whole units that together are at most `room` long. Never all of them: a chunk has to get further than the one before. */
function tailOf(units: readonly Unit[], room: number): Unit[] {
  const end = units.at(-1)?.end ?? 0;
  const from = units.findIndex((unit, index) => index > 0 && end - unit.start <= room);
  return from < 0 ? [] : units.slice(from);
}
