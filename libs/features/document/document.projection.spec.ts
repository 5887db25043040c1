import { DocumentView } from '@agent-platform/contracts/document/document.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { documentProjection } from './document.projection.ts';
import { encodeVector } from './vector.text.ts';

const chunking = { max_chars: 1000, overlap_chars: 150 };
const history = [
  {
    type: 'document.created',
    data: { knowledge_base_id: 'kb', title: 'T', source_type: 'text', source_url: null, content_text: 'x', metadata: { a: 1 }, chunking, index_version: 1 },
  },
  { type: 'document.step_started', data: { index_version: 1, step: 'embed', from: 0, attempt: 1 } },
  {
    type: 'document.chunks_embedded',
    data: {
      index_version: 1,
      knowledge_base_id: 'kb',
      title: 'T',
      total: 1,
      chunker_version: 'structure-1',
      embedding_space: 's',
      dimensions: 2,
      fallback: null,
      chunks: [{ position: 0, start: 0, end: 1, heading: null, text: 'x', embedding: encodeVector([0.5, -0.25]) }],
    },
  },
  {
    type: 'document.indexed',
    data: { knowledge_base_id: 'kb', index_version: 1, chunks: 1, chunker_version: 'structure-1', embedding_spaces: ['s'], fallback_used: false, dropped: [] },
  },
];
const tables = (...more: { type: string; data: object }[]) => tablesOf(documentProjection, [...history, ...more], { stream_id: 'd' });
const dropped = [{ index_version: 1, chunks: 1 }];

test('rows have the fields of the view, chunks their vectors', () => {
  const { documents, chunks } = tables();
  expect(DocumentView.parse(documents?.[0])).toMatchObject({ id: 'd', index_status: 'indexed', search_version: 1, chunks_done: 1, version: 4 });
  expect(chunks).toMatchObject([{ id: 'd.1.0', document_id: 'd', index_version: 1, embedding_space: 's', embedding: '{0.5,-0.25}' }]);
});

test('a change of the text takes its chunks out, a reindex leaves them until it is done', () => {
  const changed = tables({ type: 'document.updated', data: { content_text: 'y', index_version: 2, chunking, dropped } });
  expect(changed['documents']).toMatchObject([{ search_version: 0, index_version: 2, index_status: 'pending', chunks_total: null }]);
  expect(changed['chunks']).toEqual([]);
  const again = tables({ type: 'document.reindex_requested', data: { index_version: 2, chunking, dropped: [] } });
  expect(again['documents']).toMatchObject([{ search_version: 1, index_version: 2 }]);
  expect(again['chunks']).toHaveLength(1);
});

test('a deleted document is gone with its chunks', () => {
  expect(tables({ type: 'document.deleted', data: { dropped } })).toEqual({ documents: [], chunks: [] });
});
