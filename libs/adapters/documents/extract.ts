import { availableParallelism } from 'node:os';
import { MAX_TEXT_CHARS, type SourceType } from '@agent-platform/contracts/document/document.events';
import { storableText } from '@agent-platform/kernel/json-text';
import type { DocumentsPort, Extraction } from '@agent-platform/ports/documents.port';
import { decodeText } from './decode.text.ts';
import { fileFailure } from './file.failure.ts';
import { recognize } from './file.type.ts';
import { type GuestLimits, runGuest } from './guest.process.ts';
import { createTurns } from './turns.ts';

/** Raise it when the same bytes give another text; recorded with every text. */
const EXTRACTOR = 'documents-1';

/** Together with the executor they have to fit into its memory. */
const AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1));
const LIMITS: GuestLimits = { timeMs: 60_000, cpuSeconds: 120, heapMb: 400, residentBytes: 600_000_000, answerBytes: MAX_TEXT_CHARS * 4 };

/** Takes texts out of documents: text and markdown here, everything that needs a parser in a process of its own, a few at a time. */
export function createExtractor(options: { readonly limits?: Partial<GuestLimits>; readonly atOnce?: number } = {}): DocumentsPort['extract'] {
  const limits = { ...LIMITS, ...options.limits };
  const turns = createTurns(options.atOnce ?? AT_ONCE);
  return async (source, { signal }) => {
    const source_type = recognize(source);
    const { bytes, media_type } = source;
    if (source_type === 'text' || source_type === 'markdown') return finish(source_type, decodeText(bytes, media_type), null);
    const { text, pages } = await turns(signal, () => runGuest({ source_type, media_type }, bytes, limits, signal));
    return finish(source_type, storableText(text), pages);
  };
}

function finish(source_type: SourceType, text: string, pages: readonly number[] | null): Extraction {
  if (text.length > MAX_TEXT_CHARS) {
    throw fileFailure('file-too-complex', `has more than ${MAX_TEXT_CHARS} characters of text`, 'split it into several documents');
  }
  if (text.trim() === '') {
    const scanned = source_type === 'pdf' ? ' (scanned pages are pictures)' : '';
    throw fileFailure('file-no-text', `has no text${scanned}`, source_type === 'pdf' ? 'run text recognition over it first' : 'send one that has');
  }
  return { source_type, text, pages, extractor: EXTRACTOR };
}
