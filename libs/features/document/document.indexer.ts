import { MAX_FILE_BYTES, type FileRef, type IndexedChunk, type SourceType } from '@agent-platform/contracts/document/document.events';
import type { Chunking } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { Failure, toFailure, type EffectContext } from '@agent-platform/kernel/index';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';
import { type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import type { HttpPort } from '@agent-platform/ports/http.port';
import { createChunkCache } from './chunk.cache.ts';
import type { Chunk } from './chunk.ts';
import { type DocumentState, isPlain } from './document.state.ts';
import type { StepName, StepOutcome } from './document.commands.ts';
import { plainText } from './plain-text.ts';
import { encodeVector } from './vector.text.ts';

/** What a step needs: all of it is in the log, but for the bytes of files. */
export interface Asked extends StepName {
  readonly step: 'fetch' | 'extract' | 'embed';
  readonly title: string;
  readonly source_type: SourceType;
  readonly source_url: string | null;
  readonly content_text: string | null;
  readonly file: FileRef | null;
  readonly extracted: DocumentState['extracted'];
  readonly chunking: Chunking;
}

type Context = Pick<EffectContext, 'signal' | 'timedOut' | 'stream'>;

/** Chunks of one event and one call of the provider: with 384 dimensions about 100 KB, and half a second of the local embedding. */
const BATCH = 32;
const FETCH_MS = 60_000;
const ACCEPT = 'text/markdown, text/html, application/pdf, text/csv, text/plain, */*;q=0.5';

/** What documents need of the outside. */
export interface IndexingPorts {
  readonly http: HttpPort;
  readonly embedding: EmbeddingPort;
  readonly documents: DocumentsPort;
}

/** Does a step. Never throws: what goes wrong is an outcome. */
export function createIndexer(ports: IndexingPorts) {
  const { http, embedding, documents } = ports;
  const chunksOf = createChunkCache();

  async function fetchSource(asked: Asked, { signal, stream }: Context): Promise<StepOutcome> {
    const url = asked.source_url ?? '';
    const answer = await http.send({ method: 'GET', url, headers: { accept: ACCEPT }, timeout_ms: FETCH_MS, max_bytes: MAX_FILE_BYTES }, { signal });
    if (answer.status < 200 || answer.status > 299) {
      const kind = answer.status === 429 || answer.status >= 500 ? 'transient' : 'invalid';
      throw new Failure(kind, 'source-status', `source_url: answered ${answer.status}; give an address that answers with the document.`);
    }
    const { bytes = new Uint8Array() } = answer;
    if (answer.truncated) throw new Failure('invalid', 'file-too-large', `source_url: answers with more than ${MAX_FILE_BYTES} bytes; split the document.`);
    const media_type = answer.headers['content-type']?.slice(0, 200) ?? null;
    const name = nameIn(url);
    const { text, ...extracted } = await documents.extract({ bytes, media_type, name, source_type: null, otherwise: asked.source_type }, { signal });
    const sha256 = await documents.keep(stream.workspace_id, stream.stream_id, bytes);
    return { status: 'extracted', ...extracted, content_text: text, file: { sha256, bytes: bytes.length, name, media_type } };
  }

  /** The text of a file, or of what was given as HTML or CSV. */
  async function extract({ file, content_text, source_type }: Asked, { signal, stream }: Context) {
    // It may be the file of another document, which goes with that one while nobody else holds it.
    if (file) await documents.hold(stream.workspace_id, stream.stream_id, file.sha256);
    const bytes = file ? await documents.load(stream.workspace_id, file.sha256) : Buffer.from(content_text ?? '');
    const media_type = file ? file.media_type : 'text/plain; charset=utf-8';
    return documents.extract({ bytes, media_type, name: file?.name ?? null, source_type }, { signal });
  }

  /** What is cut. A document that an older release began to index has no extracted text in the log: it is taken out again. */
  async function textOf(asked: Asked, context: Context): Promise<{ text: string; pages: readonly number[] | null }> {
    const { extracted, content_text, source_type } = asked;
    return extracted ?? (isPlain(source_type) ? { text: plainText(content_text ?? ''), pages: null } : extract(asked, context));
  }

  async function embed(asked: Asked, context: Context): Promise<StepOutcome> {
    const { workspace_id, stream_id } = context.stream;
    const key = `${workspace_id}/${stream_id}/${asked.index_version}`;
    const all = await chunksOf(key, asked.chunking, () => textOf(asked, context));
    const batch = all.slice(asked.from, asked.from + BATCH);
    const { vectors, space, fallback } = await embedding.embed(
      batch.map((chunk) => embeddedText(asked.title, chunk)),
      { signal: context.signal },
    );
    return {
      status: 'embedded',
      total: all.length,
      space: spaceName(space),
      dimensions: space.dimensions,
      fallback: fallback ? { code: fallback.code, message: fallback.message } : null,
      chunks: batch.map((chunk, index): IndexedChunk => ({ ...chunk, embedding: encodeVector(vectors[index] ?? []) })),
    };
  }

  async function perform(asked: Asked, context: Context): Promise<StepOutcome> {
    if (asked.step === 'fetch') return fetchSource(asked, context);
    if (asked.step === 'embed') return embed(asked, context);
    const { text, ...extracted } = await extract(asked, context);
    return { status: 'extracted', ...extracted, content_text: text, file: null };
  }

  return async (asked: Asked, context: Context): Promise<StepOutcome> => {
    try {
      return await perform(asked, context);
    } catch (error) {
      if (context.timedOut()) return { status: 'failed', error: { code: 'index-timeout', message: 'The step took longer than it may.' }, retryable: true };
      const { code, message, kind } = toFailure(error);
      return { status: 'failed', error: { code, message }, retryable: kind === 'transient' };
    }
  };
}

/** The last part of an address, when it looks like a file: it says what it is where the content type doesn't. */
function nameIn(url: string): string | null {
  const last = URL.parse(url)?.pathname.split('/').at(-1) ?? '';
  return last === '' ? null : last.slice(0, 255);
}

/** A chunk alone often does not say what it is about; its title and headings do. */
const embeddedText = (title: string, { heading, text }: Chunk): string => [title, heading, text].filter((part) => part).join('\n');
