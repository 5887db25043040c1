import { z } from 'zod';
import { Id, JsonObject, Time } from '../kit/index.ts';
import { Chunking } from '../knowledge-base/knowledge-base.contract.ts';

/** Longest text of a document: it has to fit into one command, quoted as JSON. */
export const MAX_CONTENT_CHARS = 600_000;

/** Longest text that is taken out of a file or a page. */
export const MAX_TEXT_CHARS = 5_000_000;
/** Largest file, uploaded or fetched. */
export const MAX_FILE_BYTES = 25_000_000;

export const SourceType = z.enum(['text', 'markdown', 'html', 'csv', 'pdf', 'docx']);
export type SourceType = z.output<typeof SourceType>;
export const DocumentTitle = z.string().trim().min(1).max(500);

export const IndexError = z.object({ code: z.string(), message: z.string() }).meta({ id: 'IndexError' });

/** A file that was uploaded or fetched. Its bytes are kept beside the log, by workspace and hash. */
export const FileRef = z
  .strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
    bytes: z.int().min(1).max(MAX_FILE_BYTES),
    name: z.string().max(255).nullable().meta({ description: 'Name of the file' }),
    media_type: z.string().max(200).nullable().meta({ description: 'Content type as it was given' }),
  })
  .meta({ id: 'FileRef' });
export type FileRef = z.output<typeof FileRef>;

const IndexVersion = z.int().min(1).meta({ description: 'Counts how often indexing was asked for' });
const Step = z.enum(['fetch', 'extract', 'embed']);

/** Chunks of an index that nobody needs any more: what projections have to take out. */
const Dropped = z.array(z.object({ index_version: IndexVersion, chunks: z.int() }));

/** One chunk as it was indexed. `start` and `end` are places in the plain text of the document (end not included). */
export const IndexedChunk = z.object({
  position: z.int().min(0).meta({ description: 'Counts the chunks of the document' }),
  start: z.int().min(0),
  end: z.int().min(0),
  heading: z.string().nullable().meta({ description: 'Headings above it, from the outermost' }),
  page: z.int().min(1).nullable().optional().meta({ description: 'Page on which it begins, from 1; null: the source has no pages' }),
  tokens: z.int().min(0).optional().meta({ description: 'About how many tokens it has' }),
  text: z.string(),
  embedding: z.string().nullable().meta({ description: 'Vector of length 1 as little-endian 32-bit floats in base64; null: the text has none' }),
});
export type IndexedChunk = z.output<typeof IndexedChunk>;

export const documentEvents = {
  'document.created': {
    summary: 'A document was added to a base.',
    version: 1,
    data: z.object({
      knowledge_base_id: Id,
      title: DocumentTitle,
      source_type: SourceType,
      source_url: z.string().nullable(),
      content_text: z.string().nullable(),
      file: FileRef.nullable().optional(),
      metadata: JsonObject,
      chunking: Chunking,
      index_version: IndexVersion,
    }),
  },
  'document.updated': {
    summary: 'Fields changed; only what changed is named. With `index_version` the old text is found no more.',
    version: 1,
    data: z.object({
      title: DocumentTitle.optional(),
      source_type: SourceType.optional(),
      source_url: z.string().nullable().optional(),
      content_text: z.string().nullable().optional(),
      file: FileRef.nullable().optional(),
      metadata: JsonObject.optional(),
      chunking: Chunking.optional(),
      index_version: IndexVersion.optional(),
      dropped: Dropped,
    }),
  },
  'document.reindex_requested': {
    summary: 'The document is to be indexed again; until that is done its old index is found.',
    version: 1,
    data: z.object({
      index_version: IndexVersion,
      chunking: Chunking,
      reindex_id: z.string().optional().meta({ description: 'The reindex of the whole base that asked for it' }),
      dropped: Dropped,
    }),
  },
  'document.step_started': {
    summary: 'A step of indexing was begun: fetching the source, taking its text out, or embedding the chunks from `from` on.',
    version: 1,
    data: z.object({ index_version: IndexVersion, step: Step, from: z.int().min(0), attempt: z.int().min(1) }),
  },
  'document.fetched': {
    summary: 'The text was fetched from its address. Recorded by older releases; now it is `document.extracted`.',
    version: 1,
    data: z.object({ index_version: IndexVersion, source_type: SourceType, content_text: z.string() }),
  },
  'document.extracted': {
    summary: 'The text was taken out of its source: of a file, a page that was fetched, or what was given as HTML or CSV.',
    version: 1,
    data: z.object({
      index_version: IndexVersion,
      source_type: SourceType,
      content_text: z.string().meta({ description: 'Markdown where the source has structure; positions of chunks are places in it' }),
      pages: z.array(z.int().min(0)).nullable().meta({ description: 'Where each page begins in the text; null: there are none' }),
      extractor: z.string().meta({ description: 'How it was taken out' }),
      file: FileRef.nullable().meta({ description: 'What was fetched; null: nothing was' }),
    }),
  },
  'document.chunks_embedded': {
    summary: 'Chunks were cut and embedded. With the vectors in the log, read models are rebuilt without any provider.',
    version: 1,
    data: z.object({
      index_version: IndexVersion,
      knowledge_base_id: Id,
      title: DocumentTitle,
      total: z.int().meta({ description: 'Chunks of the whole document' }),
      chunker_version: z.string(),
      embedding_space: z.string(),
      dimensions: z.int(),
      fallback: IndexError.nullable().meta({ description: 'Why the fallback made these vectors; null: it did not' }),
      chunks: z.array(IndexedChunk),
    }),
  },
  'document.indexed': {
    summary: 'All chunks are embedded: from now on searches find this index.',
    version: 1,
    data: z.object({
      knowledge_base_id: Id,
      index_version: IndexVersion,
      chunks: z.int(),
      chunker_version: z.string(),
      embedding_spaces: z.array(z.string()),
      fallback_used: z.boolean(),
      dropped: Dropped,
    }),
  },
  'document.retry_scheduled': {
    summary: 'A step failed and will be tried again.',
    version: 1,
    data: z.object({
      index_version: IndexVersion,
      step: Step,
      from: z.int(),
      attempt: z.int().min(1).meta({ description: 'The attempt that failed' }),
      timer_id: z.string(),
      due_at: Time,
      error: IndexError,
    }),
  },
  'document.index_failed': {
    summary: 'Indexing was given up. What was indexed before is still found.',
    version: 1,
    data: z.object({ index_version: IndexVersion, error: IndexError, dropped: Dropped }),
  },
  'document.release_started': {
    summary: 'Files that the document had before are let go of: those of another version, or all of a deleted one. What no other document holds is erased.',
    version: 1,
    data: z.object({
      needed: z.string().nullable().meta({ description: 'SHA-256 of the file that it has now; null: none' }),
      before: Time.meta({ description: 'Files that it took later stay' }),
      attempt: z.int().min(1),
      deleted: z.boolean().meta({ description: 'The document was deleted' }),
    }),
  },
  'document.files_released': {
    summary: 'The document holds no file any more but the one that it has.',
    version: 1,
    data: z.object({ deleted: z.boolean() }),
  },
  'document.deleted': { summary: 'The document was deleted.', version: 1, data: z.object({ dropped: Dropped }) },
} as const;
