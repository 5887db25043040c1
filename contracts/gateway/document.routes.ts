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
  'document.file': {
    method: 'GET',
    path: '/knowledge/documents/{document_id}/file',
    summary: 'The file of a document as it was uploaded or fetched.',
    params: z.object({ document_id: Id }),
    answer: z.string().meta({ format: 'binary' }),
    media: ['application/octet-stream'],
  },
});
