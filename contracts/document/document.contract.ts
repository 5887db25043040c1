import { z } from 'zod';
import { defineContract, GetParams, Id, JsonObject, pageOf, PageParams, Time } from '../kit/index.ts';
import { Chunking } from '../knowledge-base/knowledge-base.contract.ts';
import { documentEvents, DocumentTitle, FileRef, IndexError, MAX_CONTENT_CHARS, SourceType } from './document.events.ts';

const Content = z.string().min(1).max(MAX_CONTENT_CHARS);
const SourceUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(4000);

export const DocumentView = z
  .object({
    id: Id,
    knowledge_base_id: Id,
    title: DocumentTitle,
    source_type: SourceType,
    source_url: z.string().nullable(),
    file: FileRef.nullable().meta({ description: 'The file that it was uploaded or fetched as' }),
    pages: z.int().nullable().meta({ description: 'Pages of its file; null: it has none' }),
    metadata: JsonObject,
    chunking: Chunking,
    index_status: z
      .enum(['pending', 'indexing', 'waiting', 'indexed', 'failed'])
      .meta({ description: 'waiting: for its next attempt; failed: for `reindex` or other contents' }),
    index_version: z.int().meta({ description: 'Counts how often indexing was asked for' }),
    search_version: z.int().meta({ description: 'The index that searches see; 0: none' }),
    chunks_done: z.int(),
    chunks_total: z.int().nullable().meta({ description: 'null until it is known' }),
    embedding_spaces: z.array(z.string()).meta({ description: 'provider/model/dimensions of its vectors' }),
    fallback_used: z.boolean().meta({ description: 'Some vectors were made by the fallback: reindex repairs them' }),
    index_error: IndexError.nullable(),
    reindex_id: z.string().nullable().meta({ description: 'The reindex of the whole base that asked for its index; null: none did' }),
    workspace_id: z.string(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Document' });

const target = { document_id: Id };
const fields = { title: DocumentTitle, source_type: SourceType, source_url: SourceUrl, content_text: Content, file: FileRef, metadata: JsonObject };

export const documentContract = defineContract({
  category: 'document',
  events: documentEvents,
  commands: {
    'document.create': {
      summary: 'Add a document to a base: its text, the address it is fetched from, or a file. It is indexed in the background.',
      target: 'document_id',
      creates: true,
      data: z.strictObject({
        document_id: Id.optional(),
        knowledge_base_id: Id,
        title: fields.title,
        source_type: fields.source_type.default('text'),
        source_url: fields.source_url.optional(),
        content_text: fields.content_text.optional(),
        file: fields.file.optional().meta({ description: 'A file that was uploaded before; to upload one, send the file itself' }),
        metadata: fields.metadata.default({}),
      }),
      example: {
        document_id: 'refunds',
        knowledge_base_id: 'support',
        title: 'Refund Policy',
        source_type: 'text',
        content_text: 'Refunds are available within seven days for eligible orders.',
      },
    },
    'document.update': {
      summary: 'Change fields of a document. With another title, text, type, address or file its old text is found no more, and it is indexed again.',
      target: 'document_id',
      data: z.strictObject({
        ...target,
        title: fields.title.optional(),
        source_type: fields.source_type.optional(),
        source_url: fields.source_url.optional(),
        content_text: fields.content_text.optional(),
        file: fields.file.optional(),
        metadata: fields.metadata.optional(),
      }),
      example: { document_id: 'refunds', content_text: 'Refunds are available within ten days.' },
    },
    'document.reindex': {
      summary: 'Fetch (when it has an address), cut and embed a document again. Until that is done, searches find its old index.',
      target: 'document_id',
      data: z.strictObject({ ...target, reindex_id: z.string().max(200).optional().meta({ description: 'The reindex of the whole base that it belongs to' }) }),
      example: { document_id: 'refunds' },
    },
    'document.delete': {
      summary: 'Delete a document: it is found no more.',
      target: 'document_id',
      data: z.strictObject(target),
      example: { document_id: 'refunds' },
    },
  },
  queries: {
    'document.get': { summary: 'One document, and how far its indexing is.', params: z.object({ ...target, ...GetParams }), result: DocumentView },
    'document.list': {
      summary: 'Documents, newest first.',
      params: z.object({
        ...PageParams,
        knowledge_base_id: Id.optional(),
        index_status: DocumentView.shape.index_status.optional(),
        q: z.string().max(200).optional().meta({ description: 'Part of the title' }),
      }),
      result: pageOf(DocumentView),
    },
  },
  routes: [
    { method: 'POST', path: '/knowledge/documents', command: 'document.create', status: 201 },
    { method: 'GET', path: '/knowledge/documents', query: 'document.list' },
    { method: 'GET', path: '/knowledge/documents/{document_id}', query: 'document.get' },
    { method: 'PATCH', path: '/knowledge/documents/{document_id}', command: 'document.update' },
    { method: 'PUT', path: '/knowledge/documents/{document_id}', command: 'document.update' },
    { method: 'DELETE', path: '/knowledge/documents/{document_id}', command: 'document.delete' },
    { method: 'POST', path: '/knowledge/documents/{document_id}/reindex', command: 'document.reindex', status: 202 },
  ],
});
