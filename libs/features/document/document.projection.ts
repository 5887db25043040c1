import { readFileSync } from 'node:fs';
import { documentContract } from '@agent-platform/contracts/document/document.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { DocumentEvent } from './document.state.ts';
import { vectorLiteral } from './vector.text.ts';

type Typed = DocumentEvent & LoggedEvent;

/**
 * Tables `documents` and `chunks`. A chunk is found when its index is the document's `search_version`. Where Postgres has
 * pgvector, `chunks.embedding_vector` and its HNSW indexes are made of the same events (document.sql).
 */
export const documentProjection: Projection = {
  name: 'document',
  version: 3,
  sql: readFileSync(new URL('./document.sql', import.meta.url), 'utf8'),
  events: Object.keys(documentContract.events),
  project,
};

const chunkKey = ({ workspace_id, stream_id }: LoggedEvent, index_version: number, position: number) => ({
  table: 'chunks',
  key: { workspace_id, id: `${stream_id}.${index_version}.${position}` },
});

const FRESH = { index_status: 'pending', pages: null, chunks_done: 0, chunks_total: null, embedding_spaces: [], fallback_used: false, index_error: null };

const drop = (event: LoggedEvent, dropped: readonly { index_version: number; chunks: number }[]): RowChange[] =>
  dropped.flatMap(({ index_version, chunks }) =>
    Array.from({ length: chunks }, (_, position) => ({ ...chunkKey(event, index_version, position), remove: true as const })),
  );

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const row = { table: 'documents', key: { workspace_id, id: stream_id } };
  const set = (fields: Extract<RowChange, { set: object }>['set']): RowChange => ({ ...row, set: { ...fields, version, updated_at: time } });
  switch (event.type) {
    case 'document.created': {
      const { content_text: _, file = null, ...fields } = event.data;
      return [set({ ...fields, file, ...FRESH, search_version: 0, reindex_id: null, created_at: time })];
    }
    case 'document.updated': {
      const { content_text: _, dropped, ...fields } = event.data;
      return [set({ ...given(fields), ...(fields.index_version !== undefined && { ...FRESH, search_version: 0, reindex_id: null }) }), ...drop(event, dropped)];
    }
    case 'document.reindex_requested': {
      const { index_version, chunking, reindex_id = null, dropped } = event.data;
      return [set({ index_version, chunking, reindex_id, ...FRESH }), ...drop(event, dropped)];
    }
    case 'document.step_started':
      return [set({ index_status: 'indexing', index_error: null })];
    case 'document.fetched':
      return [set({ source_type: event.data.source_type })];
    case 'document.extracted': {
      const { source_type, pages, file } = event.data;
      return [set({ source_type, pages: pages?.length ?? null, ...(file && { file }) })];
    }
    case 'document.chunks_embedded':
      return embedded(event, set);
    case 'document.indexed': {
      const { index_version, chunks, embedding_spaces, fallback_used, dropped } = event.data;
      const done = { chunks_done: chunks, chunks_total: chunks, embedding_spaces, fallback_used, index_error: null };
      return [set({ index_status: 'indexed', search_version: index_version, ...done }), ...drop(event, dropped)];
    }
    case 'document.retry_scheduled':
      return [set({ index_status: 'waiting', index_error: event.data.error })];
    case 'document.index_failed':
      return [set({ index_status: 'failed', index_error: event.data.error }), ...drop(event, event.data.dropped)];
    case 'document.release_started':
    case 'document.files_released':
      return event.data.deleted ? [] : [set({})];
    case 'document.deleted':
      return [{ ...row, remove: true }, ...drop(event, event.data.dropped)];
  }
}

function embedded(
  event: Extract<Typed, { type: 'document.chunks_embedded' }>,
  set: (fields: Extract<RowChange, { set: object }>['set']) => RowChange,
): RowChange[] {
  const { index_version, chunks, total, fallback, knowledge_base_id, title, chunker_version, embedding_space, dimensions } = event.data;
  const done = (chunks.at(-1)?.position ?? -1) + 1;
  return [
    set({ chunks_done: done, chunks_total: total, ...(fallback && { fallback_used: true }) }),
    ...chunks.map(({ position, start, end, heading, page = null, tokens = null, text, embedding }) => ({
      ...chunkKey(event, index_version, position),
      set: {
        document_id: event.stream_id,
        index_version,
        knowledge_base_id,
        position,
        start_at: start,
        end_at: end,
        title,
        heading,
        page,
        tokens,
        text,
        chunker_version,
        embedding_space,
        dimensions,
        embedding: embedding === null ? null : vectorLiteral(embedding),
      },
    })),
  ];
}
