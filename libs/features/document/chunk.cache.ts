import type { Chunking } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { type Chunk, cutText } from './chunk.ts';

/** Documents that are being indexed at a time, mostly. */
const KEPT = 8;
/** Chunks that are cut without a pause: a few milliseconds. */
const PIECE = 100;

export interface PagedChunk extends Chunk {
  /** Page on which it begins, from 1; null: the source has no pages. */
  readonly page: number | null;
}

/**
 * Chunks of the documents that were cut last, so that a long one is not cut again for every batch of it. A cache: another
 * process cuts the same text into the same chunks.
 */
export function createChunkCache() {
  const kept = new Map<string, readonly PagedChunk[]>();
  return async (
    key: string,
    chunking: Chunking,
    textOf: () => Promise<{ readonly text: string; readonly pages: readonly number[] | null }>,
  ): Promise<readonly PagedChunk[]> => {
    const known = kept.get(key);
    if (known) return known;
    const { text, pages } = await textOf();
    const chunks = withPages(await cutInPieces(text, chunking), pages);
    kept.set(key, chunks);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return chunks;
  };
}

/** Other streams of this process go on between two pieces. */
async function cutInPieces(text: string, chunking: Chunking): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  for (const chunk of cutText(text, chunking)) {
    chunks.push(chunk);
    if (chunks.length % PIECE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return chunks;
}

/** Chunks and pages lie in the order of the text. */
function withPages(chunks: readonly Chunk[], pages: readonly number[] | null): readonly PagedChunk[] {
  let page = 0;
  return chunks.map((chunk) => {
    while (pages && (pages[page] ?? Number.POSITIVE_INFINITY) <= chunk.start) page += 1;
    return { ...chunk, page: pages && Math.max(1, page) };
  });
}
