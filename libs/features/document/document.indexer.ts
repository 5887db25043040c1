import { MAX_CONTENT_CHARS, type SourceType } from '@agent-platform/contracts/document/document.events';
import type { Chunking } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { Failure, storableText, toFailure, type EffectContext } from '@agent-platform/kernel/index';
import { spaceName } from '@agent-platform/ports/embedding.port';
import { type Chunk, chunkText } from './chunk.ts';
import type { IndexingPorts } from './document.executor.ts';
import type { StepName, StepOutcome } from './document.steps.ts';
import { plainText } from './plain-text.ts';
import { encodeVector } from './vector.text.ts';

/** What a step needs: all of it is in the log. */
export interface Asked extends StepName {
  readonly step: 'fetch' | 'embed';
  readonly title: string;
  readonly source_type: SourceType;
  readonly source_url: string | null;
  readonly content_text: string | null;
  readonly chunking: Chunking;
}

/** Chunks of one event and one call of the provider: with 384 dimensions about 100 KB, and half a second of the local embedding. */
const BATCH = 32;
const FETCH_MS = 60_000;

const TYPES: readonly (readonly [RegExp, SourceType])[] = [
  [/^text\/html|^application\/xhtml/, 'html'],
  [/^text\/(x-)?markdown/, 'markdown'],
  [/^text\/csv/, 'csv'],
];

/** Does a step. Never throws: what goes wrong is an outcome. */
export const createIndexer =
  (ports: IndexingPorts) =>
  async (asked: Asked, context: Pick<EffectContext, 'signal' | 'timedOut'>): Promise<StepOutcome> => {
    try {
      return asked.step === 'fetch' ? await fetchText(asked, ports, context.signal) : await embed(asked, ports, context.signal);
    } catch (error) {
      if (context.timedOut()) return { status: 'failed', error: { code: 'index-timeout', message: 'The step took longer than it may.' }, retryable: true };
      const { code, message, kind } = toFailure(error);
      return { status: 'failed', error: { code, message }, retryable: kind === 'transient' };
    }
  };

async function fetchText({ source_url, source_type }: Asked, { http }: IndexingPorts, signal: AbortSignal): Promise<StepOutcome> {
  const headers = { accept: 'text/markdown, text/html, text/plain, text/csv, */*;q=0.1' };
  const answer = await http.send({ method: 'GET', url: source_url ?? '', headers, timeout_ms: FETCH_MS }, { signal });
  if (answer.status < 200 || answer.status > 299) {
    const kind = answer.status === 429 || answer.status >= 500 ? 'transient' : 'invalid';
    throw new Failure(kind, 'source-status', `The source answered ${answer.status}.`);
  }
  const type = answer.headers['content-type'] ?? '';
  if (type !== '' && !/^(text\/|application\/(xhtml|json|xml|octet-stream))/.test(type)) {
    throw new Failure('invalid', 'source-type', `The source is "${type.slice(0, 80)}"; a document has to be text, markdown, HTML or CSV.`);
  }
  if (answer.truncated || answer.text.length > MAX_CONTENT_CHARS) {
    throw new Failure('invalid', 'source-too-large', `The source is longer than ${MAX_CONTENT_CHARS} characters; split it into several documents.`);
  }
  const told = TYPES.find(([pattern]) => pattern.test(type))?.[1];
  return { status: 'fetched', content_text: storableText(answer.text, MAX_CONTENT_CHARS * 8).value, source_type: told ?? source_type };
}

async function embed(asked: Asked, { embedding }: IndexingPorts, signal: AbortSignal): Promise<StepOutcome> {
  const all = chunkText(plainText(asked.content_text ?? '', asked.source_type), asked.chunking);
  const batch = all.slice(asked.from, asked.from + BATCH);
  const { vectors, space, fallback } = await embedding.embed(
    batch.map((chunk) => embeddedText(asked.title, chunk)),
    { signal },
  );
  return {
    status: 'embedded',
    total: all.length,
    space: spaceName(space),
    dimensions: space.dimensions,
    fallback: fallback ? { code: fallback.code, message: fallback.message } : null,
    chunks: batch.map((chunk, index) => ({ ...chunk, embedding: encodeVector(vectors[index] ?? []) })),
  };
}

/** A chunk alone often does not say what it is about; its title and headings do. */
const embeddedText = (title: string, { heading, text }: Chunk): string => [title, heading, text].filter((part) => part).join('\n');
