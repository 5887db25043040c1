import type { FileRef, SourceType } from '@agent-platform/contracts/document/document.events';
import type { documentContract } from '@agent-platform/contracts/document/document.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Chunking } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { given } from '@agent-platform/kernel/index';
import { replaced, type FilesState } from './document.files.ts';
import type { ExecutorCommand } from './document.commands.ts';

type PublicCommand = CommandOf<typeof documentContract>;

/** What `prepare` has found out about the base. */
export interface PreparedBase {
  readonly base?: { readonly status: string; readonly chunking: Chunking } | null;
}
type Prepared<C extends PublicCommand> = C extends PublicCommand ? Omit<C, 'data'> & { readonly data: C['data'] & PreparedBase } : never;
export type DocumentCommand = Prepared<PublicCommand> | ExecutorCommand;
export type DocumentEvent = EventOf<typeof documentContract>;

export interface DocumentFields {
  readonly title: string;
  readonly source_type: SourceType;
  readonly source_url: string | null;
  readonly content_text: string | null;
  readonly file: FileRef | null;
  readonly metadata: JsonObject;
}

/** How far the indexing that was asked for last is. */
export interface IndexState {
  readonly version: number;
  readonly status: 'pending' | 'indexing' | 'waiting' | 'indexed' | 'failed';
  readonly step: 'fetch' | 'extract' | 'embed';
  /** Chunks that are embedded: the next step begins there. */
  readonly from: number;
  readonly total: number | null;
  readonly attempt: number;
  readonly timer_id: string | null;
  readonly chunker_version: string | null;
  readonly spaces: readonly string[];
  readonly fallback: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface DocumentState {
  readonly status: 'none' | 'active' | 'deleted';
  readonly knowledge_base_id: string;
  readonly fields: DocumentFields;
  readonly chunking: Chunking;
  readonly index: IndexState;
  /** What is cut into chunks, once it was taken out of its source; null: not yet, or the source is plain text. */
  readonly extracted: { readonly text: string; readonly pages: readonly number[] | null } | null;
  /** The index that searches see; 0: none. */
  readonly search_version: number;
  /** The reindex of the whole base that asked for the index last; null: something else did. */
  readonly reindex_id: string | null;
  readonly files: FilesState;
  /** Indexes of which read models hold chunks. */
  readonly stored: readonly { readonly index_version: number; readonly chunks: number }[];
}

const freshIndex = (version: number, step: IndexState['step']): IndexState => ({
  version,
  status: 'pending',
  step,
  from: 0,
  total: null,
  attempt: 0,
  timer_id: null,
  chunker_version: null,
  spaces: [],
  fallback: false,
  error: null,
});

export const initialDocument: DocumentState = {
  status: 'none',
  knowledge_base_id: '',
  fields: { title: '', source_type: 'text', source_url: null, content_text: null, file: null, metadata: {} },
  chunking: { max_chars: 1000, overlap_chars: 150 },
  index: freshIndex(0, 'embed'),
  extracted: null,
  search_version: 0,
  reindex_id: null,
  files: { stale: false, releasing: null },
  stored: [],
};

/** Where indexing begins. What is text already needs nothing but to be cut. */
export function firstStep({ source_url, file, source_type }: Pick<DocumentFields, 'source_url' | 'file' | 'source_type'>): IndexState['step'] {
  if (source_url !== null) return 'fetch';
  return file !== null || !isPlain(source_type) ? 'extract' : 'embed';
}

export const isPlain = (type: SourceType): boolean => type === 'text' || type === 'markdown';

type Stored = DocumentState['stored'];
const without = (stored: Stored, dropped: Stored): Stored => stored.filter(({ index_version }) => !dropped.some((one) => one.index_version === index_version));

export function evolveDocument(state: DocumentState, event: DocumentEvent): DocumentState {
  const { index } = state;
  switch (event.type) {
    case 'document.created': {
      const { knowledge_base_id, chunking, index_version, file = null, ...rest } = event.data;
      const fields = { ...rest, file };
      return { ...initialDocument, status: 'active', knowledge_base_id, chunking, fields, index: freshIndex(index_version, firstStep(fields)) };
    }
    case 'document.updated': {
      const { dropped, index_version, chunking = state.chunking, ...changed } = event.data;
      const fields: DocumentFields = { ...state.fields, ...given(changed) };
      const files = replaced(state.files, state.fields.file, fields.file);
      const next = { ...state, fields, files, chunking, stored: without(state.stored, dropped) };
      return index_version === undefined
        ? next
        : { ...next, search_version: 0, reindex_id: null, extracted: null, index: freshIndex(index_version, firstStep(fields)) };
    }
    case 'document.reindex_requested': {
      const { index_version, chunking, reindex_id = null, dropped } = event.data;
      const stored = without(state.stored, dropped);
      return { ...state, chunking, reindex_id, stored, extracted: null, index: freshIndex(index_version, firstStep(state.fields)) };
    }
    case 'document.step_started': {
      const { attempt, from, step } = event.data;
      return { ...state, index: { ...index, status: 'indexing', step, from, attempt, timer_id: null, error: null } };
    }
    case 'document.fetched': {
      const { content_text, source_type } = event.data;
      return { ...state, fields: { ...state.fields, content_text, source_type }, index: { ...index, status: 'pending', step: 'embed', from: 0, attempt: 0 } };
    }
    case 'document.extracted': {
      const { content_text, source_type, pages, file } = event.data;
      const fields = { ...state.fields, source_type, file: file ?? state.fields.file };
      const files = replaced(state.files, state.fields.file, fields.file);
      return { ...state, fields, files, extracted: { text: content_text, pages }, index: { ...index, status: 'pending', step: 'embed', from: 0, attempt: 0 } };
    }
    case 'document.chunks_embedded': {
      const { index_version, chunks, total, chunker_version, embedding_space, fallback } = event.data;
      const from = index.from + chunks.length;
      const others = state.stored.filter((one) => one.index_version !== index_version);
      const spaces = chunks.length === 0 || index.spaces.includes(embedding_space) ? index.spaces : [...index.spaces, embedding_space];
      return {
        ...state,
        stored: [...others, { index_version, chunks: from }],
        index: { ...index, status: 'pending', from, total, attempt: 0, chunker_version, spaces, fallback: index.fallback || fallback !== null },
      };
    }
    case 'document.indexed': {
      const { index_version, chunks, dropped } = event.data;
      return {
        ...state,
        search_version: index_version,
        stored: without(state.stored, dropped),
        index: { ...index, status: 'indexed', total: chunks, timer_id: null, error: null },
      };
    }
    case 'document.retry_scheduled': {
      const { timer_id, error } = event.data;
      return { ...state, index: { ...index, status: 'waiting', timer_id, error } };
    }
    case 'document.index_failed': {
      const { error, dropped } = event.data;
      return { ...state, stored: without(state.stored, dropped), index: { ...index, status: 'failed', timer_id: null, error } };
    }
    case 'document.release_started': {
      const { before, attempt } = event.data;
      return { ...state, files: { stale: false, releasing: { before, attempt } } };
    }
    case 'document.files_released':
      return { ...state, files: { ...state.files, releasing: null } };
    case 'document.deleted': {
      // What is fetched may be kept, and not recorded yet.
      const stale = state.files.stale || state.fields.file !== null || state.fields.source_url !== null;
      return { ...state, status: 'deleted', stored: [], search_version: 0, extracted: null, files: { ...state.files, stale } };
    }
  }
}

/** The document as commands answer it: without its text, which is long. */
export function documentView(state: DocumentState, id: string): JsonObject | null {
  if (state.status !== 'active') return null;
  const { fields, index, search_version, knowledge_base_id, chunking, extracted, reindex_id } = state;
  const { content_text: _, file, ...shown } = fields;
  return {
    id,
    knowledge_base_id,
    ...shown,
    file: file && { ...file },
    pages: extracted?.pages?.length ?? null,
    chunking: given(chunking),
    index_status: index.status,
    index_version: index.version,
    search_version,
    chunks_done: index.from,
    chunks_total: index.total,
    embedding_spaces: [...index.spaces],
    fallback_used: index.fallback,
    index_error: index.error && { ...index.error },
    reindex_id,
  };
}
