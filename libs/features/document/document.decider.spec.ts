import { fold } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentDecider } from './document.decider.ts';
import { documentView, type DocumentCommand, type DocumentEvent } from './document.state.ts';
import type { StepOutcome } from './document.commands.ts';

const chunking = { max_chars: 1000, overlap_chars: 150 };
const base = { status: 'active', chunking };
const fields = { title: 'Refunds', source_type: 'text' as const, source_url: null, content_text: 'Seven days.', file: null, metadata: {} };
const created = { type: 'document.created', data: { knowledge_base_id: 'kb', ...fields, chunking, index_version: 1 } } as const;
const step = (from: number, attempt = 1, index_version = 1) =>
  ({ type: 'document.step_started', data: { index_version, step: 'embed', from, attempt } }) as const;
const chunk = (position: number) => ({ position, start: position, end: position + 1, heading: null, text: 'x', embedding: null });
const outcome = (...positions: number[]): StepOutcome => ({
  status: 'embedded',
  total: 3,
  space: 's',
  dimensions: 2,
  fallback: null,
  chunks: positions.map(chunk),
});
const record = (from: number, result: StepOutcome, attempt = 1) =>
  ({ type: 'document.record', data: { index_version: 1, step: 'embed', from, attempt, outcome: result } }) as const;
const embedded = (...positions: number[]): DocumentEvent => ({
  type: 'document.chunks_embedded',
  data: {
    index_version: 1,
    knowledge_base_id: 'kb',
    title: 'Refunds',
    total: 3,
    chunker_version: 'structure-1',
    embedding_space: 's',
    dimensions: 2,
    fallback: null,
    chunks: positions.map(chunk),
  },
});
const indexed = (index_version = 1, dropped: { index_version: number; chunks: number }[] = []): DocumentEvent => ({
  type: 'document.indexed',
  data: { knowledge_base_id: 'kb', index_version, chunks: 3, chunker_version: 'structure-1', embedding_spaces: ['s'], fallback_used: false, dropped },
});
const away: StepOutcome = { status: 'failed', error: { code: 'embedding-unreachable', message: 'no' }, retryable: true };
const spec = specFor<ReturnType<typeof documentDecider.evolve>, DocumentCommand, DocumentEvent>(documentDecider);
const create = (more: object = {}) => ({
  type: 'document.create' as const,
  data: { knowledge_base_id: 'kb', title: 'Refunds', source_type: 'text' as const, content_text: 'Seven days.', metadata: {}, base, ...more },
});
const update = (more: object) => ({ type: 'document.update' as const, data: { document_id: 'it', base, ...more } });
const reindex = { type: 'document.reindex' as const, data: { document_id: 'it', base } };
const whole = [created, step(0), embedded(0, 1), step(2), embedded(2), indexed()];

describe('indexing', () => {
  test('goes on batch by batch, and ends when all chunks are there', () => {
    spec.given(created).when({ type: 'document.advance', data: {} }).then(step(0));
    spec
      .given(created, step(0))
      .when(record(0, outcome(0, 1)))
      .then(embedded(0, 1), step(2));
    spec
      .given(created, step(0), embedded(0, 1), step(2))
      .when(record(2, outcome(2)))
      .then(embedded(2), indexed());
  });

  test('a document without any words is indexed too', () => {
    const none: StepOutcome = { status: 'embedded', total: 0, space: 's', dimensions: 2, fallback: null, chunks: [] };
    spec
      .given(created, step(0))
      .when(record(0, none))
      .then({ ...indexed(), data: { ...indexed().data, chunks: 0, embedding_spaces: [] } } as DocumentEvent);
  });

  test('whoever takes over after a crash repeats the step that was begun, and no other', () => {
    expect(spec.given(created, step(0), embedded(0, 1), step(2)).when({ type: 'document.recover', data: {} }).decision).toEqual([step(2)]);
    spec
      .given(...whole)
      .when({ type: 'document.recover', data: {} })
      .then();
  });

  test('what comes late is for another attempt, and means nothing', () => {
    spec
      .given(created, step(0), embedded(0, 1), step(2))
      .when(record(0, outcome(0, 1)))
      .then();
    spec
      .given(created, step(0, 2))
      .when(record(0, outcome(0, 1), 1))
      .then();
    spec
      .given(...whole, { type: 'document.deleted', data: { dropped: [] } })
      .when(record(2, outcome(2)))
      .then();
  });

  test('a failure that may pass is tried again by a durable timer, later and later', () => {
    const [retry] = spec.given(created, step(0, 3)).when(record(0, away, 3)).decision as DocumentEvent[];
    expect(retry).toMatchObject({
      type: 'document.retry_scheduled',
      data: { attempt: 3, due_at: '2026-01-01T00:00:04.000Z', error: { code: 'embedding-unreachable' } },
    });
    if (retry?.type !== 'document.retry_scheduled') throw new Error('no retry');
    const { timer_id } = retry.data;
    spec.given(created, step(0, 3), retry).when({ type: 'document.retry', data: { timer_id } }).then(step(0, 4));
    spec
      .given(created, step(0, 3), retry)
      .when({ type: 'document.retry', data: { timer_id: 'another' } })
      .then();
  });

  test('one that can’t pass, and the last attempt, give up and drop what was begun', () => {
    const failed: DocumentEvent = { type: 'document.index_failed', data: { index_version: 1, error: away.error, dropped: [{ index_version: 1, chunks: 2 }] } };
    const half = [created, step(0), embedded(0, 1)];
    spec
      .given(...half, step(2))
      .when(record(2, { ...away, retryable: false }))
      .then(failed);
    spec
      .given(...half, step(2, 12))
      .when(record(2, away, 12))
      .then(failed);
  });
});

describe('documents', () => {
  test('have one source, in an active base', () => {
    expect(spec.given().when(create()).decision).toEqual([created]);
    spec
      .given()
      .when(create({ source_url: 'http://a.test' }))
      .thenRejected('document-source');
    spec
      .given()
      .when(create({ content_text: undefined }))
      .thenRejected('document-source');
    spec
      .given()
      .when(create({ base: null }))
      .thenRejected('knowledge-base-not-found');
    spec
      .given()
      .when(create({ base: { ...base, status: 'archived' } }))
      .thenRejected('knowledge-base-archived');
    spec.given(created).when(create()).thenRejected('document-exists');
    spec
      .given()
      .when(update({ title: 'x' }))
      .thenRejected('document-not-found');
  });

  test('another text drops the old chunks at once and is indexed anew; other metadata alone is not', () => {
    const dropped = [{ index_version: 1, chunks: 3 }];
    const text: DocumentEvent = { type: 'document.updated', data: { content_text: 'Ten days.', chunking, index_version: 2, dropped } };
    spec
      .given(...whole)
      .when(update({ content_text: 'Ten days.' }))
      .then(text);
    spec
      .given(...whole)
      .when(update({ metadata: { a: 1 } }))
      .then({ type: 'document.updated', data: { metadata: { a: 1 }, dropped: [] } });
    spec
      .given(...whole)
      .when(update({ title: 'Refunds' }))
      .then();
    expect(fold(documentDecider, [...whole, text])).toMatchObject({ search_version: 0, stored: [], index: { version: 2, status: 'pending', from: 0 } });
  });

  test('a new index takes the place of the old one when it is complete', () => {
    const requested: DocumentEvent = { type: 'document.reindex_requested', data: { index_version: 2, chunking, dropped: [] } };
    expect(spec.given(...whole).when(reindex).decision).toEqual([requested]);
    expect(fold(documentDecider, [...whole, requested])).toMatchObject({ search_version: 1, index: { version: 2, status: 'pending' } });
    spec.given(created).when(reindex).then();
    const ofBase = { ...reindex, data: { ...reindex.data, reindex_id: 'r1' } };
    const told: DocumentEvent = { ...requested, data: { ...requested.data, reindex_id: 'r1' } };
    spec.given(created).when(ofBase).then(told);
    spec.given(created, told).when(ofBase).then();
    const smaller = { max_chars: 400, overlap_chars: 0 };
    expect(spec.given(created).when({ ...reindex, data: { ...reindex.data, base: { ...base, chunking: smaller } } }).decision).toMatchObject([
      { data: { index_version: 2, chunking: smaller } },
    ]);
    const late = { ...record(0, outcome(0, 1, 2)), data: { ...record(0, outcome(0, 1, 2)).data, index_version: 2 } };
    const [, done] = spec.given(...whole, requested, step(0, 1, 2)).when(late).decision as DocumentEvent[];
    expect(done).toEqual(indexed(2, [{ index_version: 1, chunks: 3 }]));
  });

  test('a deleted one drops all its chunks, once', () => {
    const gone: DocumentEvent = { type: 'document.deleted', data: { dropped: [{ index_version: 1, chunks: 3 }] } };
    spec
      .given(...whole)
      .when({ type: 'document.delete', data: { document_id: 'it' } })
      .then(gone);
    spec
      .given(...whole, gone)
      .when({ type: 'document.delete', data: { document_id: 'it' } })
      .then();
    expect(documentView(fold(documentDecider, [...whole, gone]), 'it')).toBeNull();
  });
});

test('running any command twice never appends twice', () => {
  const commands = fc.constantFrom<Pick<DocumentCommand, 'type' | 'data'>>(
    create(),
    update({ title: 'New' }),
    update({ source_url: 'http://a.test' }),
    { type: 'document.delete', data: { document_id: 'it' } },
    { type: 'document.advance', data: {} },
    record(0, outcome(0, 1)),
    record(2, outcome(2)),
    record(0, away),
  );
  neverAppendsTwice(documentDecider, commands);
});
