import { z } from 'zod';
import { Id, PageParams } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

const IndexVersion = z.coerce.number().int().min(1).max(1_000_000_000);

/** One chunk of a document, as it is searched. */
const Chunk = z
  .object({
    id: z.string(),
    document_id: Id,
    index_version: z.int(),
    position: z.int(),
    start: z.int().meta({ description: 'Place in the plain text of the document' }),
    end: z.int(),
    heading: z.string().nullable(),
    page: z.int().nullable().meta({ description: 'Page on which it begins; null: the document has no pages' }),
    tokens: z.int().nullable().meta({ description: 'About how many tokens it has' }),
    text: z.string(),
    chunker_version: z.string(),
    embedding_space: z.string(),
    dimensions: z.int(),
  })
  .meta({ id: 'Chunk' });

const Count = z.int().min(0);

/** Routes about documents that are neither a command nor a page of a read model. */
export const documentRoutes = defineRoutes({
  'document.chunks': {
    method: 'GET',
    path: '/knowledge/documents/{document_id}/chunks',
    summary: 'Chunks of a document in their order: those that searches see, or those of another index while it is being made.',
    params: z.object({
      document_id: Id,
      index_version: IndexVersion.optional().meta({ description: 'Default: the one that searches see' }),
      limit: PageParams.limit,
      cursor: z
        .string()
        .regex(/^\d{1,9}$/, 'must be next_cursor of the page before')
        .optional(),
      read_after: PageParams.read_after,
    }),
    answer: z.object({ items: z.array(Chunk), next_cursor: z.string().nullable(), index_version: z.int(), position: z.int() }).meta({ id: 'ChunkPage' }),
  },
  'knowledge_base.reindex_progress': {
    method: 'GET',
    path: '/knowledge/bases/{knowledge_base_id}/reindex',
    summary: 'How far the last reindex of all documents of a base is. Documents that were deleted or changed since are not counted any more.',
    params: z.object({ knowledge_base_id: Id, read_after: PageParams.read_after }),
    answer: z
      .object({
        reindex_id: z.string(),
        status: z.enum(['asking', 'indexing', 'done', 'failed']).meta({ description: 'asking: documents are still being told; failed: not all of them were' }),
        documents: Count.meta({ description: 'Documents that were told so far' }),
        indexed: Count,
        failed: Count,
        under_way: Count.meta({ description: 'Documents that wait for their turn, for another attempt, or are being indexed' }),
        chunks_done: Count,
        embedding_spaces: z.array(z.string()).meta({ description: 'Spaces of the vectors that searches of the base see now' }),
        position: z.int(),
      })
      .meta({ id: 'ReindexProgress' }),
  },
  'document.file': {
    method: 'GET',
    path: '/knowledge/documents/{document_id}/file',
    summary: 'The file of a document as it was uploaded or fetched.',
    params: z.object({ document_id: Id }),
    answer: z.string().meta({ format: 'binary' }),
    media: ['application/octet-stream'],
  },
});
