import { fold } from '@agent-platform/kernel/index';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { describe, expect, test } from 'vitest';
import { documentDecider } from './document.decider.ts';
import { documentView, type DocumentCommand, type DocumentEvent } from './document.state.ts';

const chunking = { max_chars: 1000, overlap_chars: 150 };
const base = { status: 'active', chunking };
const file = { sha256: 'a'.repeat(64), bytes: 3, name: 'a.pdf', media_type: 'application/pdf' };
const spec = specFor<ReturnType<typeof documentDecider.evolve>, DocumentCommand, DocumentEvent>(documentDecider);
const fields = { title: 'T', source_type: 'text' as const, source_url: null, content_text: null, file: null, metadata: {} };
const created = (more: object): DocumentEvent => ({
  type: 'document.created',
  data: { knowledge_base_id: 'kb', ...fields, chunking, index_version: 1, ...more },
});
const create = (more: object) => ({
  type: 'document.create' as const,
  data: { knowledge_base_id: 'kb', title: 'T', source_type: 'text' as const, metadata: {}, base, ...more },
});
const update = (more: object) => ({ type: 'document.update' as const, data: { document_id: 'it', base, ...more } });
const advance = { type: 'document.advance' as const, data: {} };
const began = (step: 'fetch' | 'extract' | 'embed', index_version = 1): DocumentEvent => ({
  type: 'document.step_started',
  data: { index_version, step, from: 0, attempt: 1 },
});
const ofPdf = created({ source_type: 'pdf', file });
const extracted: DocumentEvent = {
  type: 'document.extracted',
  data: { index_version: 1, source_type: 'pdf', content_text: 'One. Two.', pages: [0, 5], extractor: 'documents-1', file: null },
};

describe('a document has one source', () => {
  test('a text, an address or a file', () => {
    expect(spec.given().when(create({ source_type: 'pdf', file })).decision).toEqual([ofPdf]);
    spec
      .given()
      .when(create({ file, content_text: 'x' }))
      .thenRejected('document-source');
    spec
      .given()
      .when(create({ source_type: 'docx', content_text: 'x' }))
      .thenRejected('document-source');
    spec
      .given(created({ content_text: 'x' }))
      .when(update({ source_type: 'pdf' }))
      .thenRejected('document-source');
    spec
      .given(ofPdf)
      .when(update({ file, source_url: 'http://a.test' }))
      .thenRejected('document-source');
  });

  test('another one takes its place', () => {
    const change = (given: DocumentEvent, more: object) => (spec.given(given).when(update(more)).decision as DocumentEvent[])[0]?.data;
    expect(change(ofPdf, { content_text: 'x' })).toMatchObject({ content_text: 'x', file: null, source_type: 'text', index_version: 2 });
    expect(change(ofPdf, { source_url: 'http://a.test' })).toMatchObject({ source_url: 'http://a.test', file: null });
    expect(change(created({ source_url: 'http://a.test' }), { file, source_type: 'pdf' })).toMatchObject({ file, source_url: null, source_type: 'pdf' });
    spec.given(ofPdf).when(update({ file })).then();
  });
});

describe('where indexing begins', () => {
  test.each([
    [{ content_text: 'x' }, 'embed'],
    [{ content_text: 'x', source_type: 'markdown' }, 'embed'],
    [{ content_text: '<p>', source_type: 'html' }, 'extract'],
    [{ content_text: 'a,b', source_type: 'csv' }, 'extract'],
    [{ file, source_type: 'text' }, 'extract'],
    [{ source_url: 'http://a.test' }, 'fetch'],
  ] as const)('of %j: %s', (source, step) => {
    spec.given(created(source)).when(advance).then(began(step));
  });

  test('the text is taken out, and then cut and embedded; a reindex takes it out again', () => {
    const record = { type: 'document.record' as const, data: { index_version: 1, step: 'extract' as const, from: 0, attempt: 1 } };
    const { index_version: _, ...outcome } = extracted.data;
    spec
      .given(ofPdf, began('extract'))
      .when({ ...record, data: { ...record.data, outcome: { status: 'extracted', ...outcome } } })
      .then(extracted, began('embed'));
    const state = fold(documentDecider, [ofPdf, began('extract'), extracted]);
    expect(state).toMatchObject({ extracted: { text: 'One. Two.', pages: [0, 5] }, fields: { file, content_text: null } });
    expect(documentView(state, 'it')).toMatchObject({ pages: 2, file, source_type: 'pdf' });
    const again: DocumentEvent = { type: 'document.reindex_requested', data: { index_version: 2, chunking, dropped: [] } };
    expect(fold(documentDecider, [ofPdf, began('extract'), extracted, again])).toMatchObject({ extracted: null, index: { step: 'extract', version: 2 } });
  });

  test('what an older release had fetched goes on to be cut', () => {
    const fetched: DocumentEvent = { type: 'document.fetched', data: { index_version: 1, source_type: 'html', content_text: '<p>' } };
    spec
      .given(created({ source_url: 'http://a.test' }), began('fetch'), fetched)
      .when(advance)
      .then(began('embed'));
  });
});
