import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knowledgeBaseDecider, knowledgeBaseView, type KnowledgeBaseCommand } from './knowledge-base.decider.ts';
import type { PageOutcome } from './knowledge-base.reindex.ts';

const chunking = { max_chars: 1000, overlap_chars: 150 };
const fields = { code: 'kb', name: 'KB', description: null, chunking, rerank: null, weights: null };
const created = { type: 'knowledge_base.created', data: fields } as const;
const create = { type: 'knowledge_base.create', data: { code: 'kb', name: 'KB', chunking, rerank: null, weights: null } } as const;
const update = (data: object) => ({ type: 'knowledge_base.update', data: { knowledge_base_id: 'it', ...data } }) as const;
const archive = { type: 'knowledge_base.archive', data: { knowledge_base_id: 'it' } } as const;
const archived = { type: 'knowledge_base.archived', data: {} } as const;

test('is created once, changed by what differs, and archived once', () => {
  const spec = specFor(knowledgeBaseDecider);
  // The same command again is settled by its id, before it is decided.
  expect(spec.given().when(create).decision).toEqual([created]);
  spec.given(created).when(create).thenRejected('knowledge-base-exists');
  spec
    .given(created)
    .when(update({ name: 'New', code: 'kb' }))
    .then({ type: 'knowledge_base.updated', data: { name: 'New' } });
  spec.given(created).when(archive).then(archived);
  spec.given(created, archived).when(archive).then();
  spec
    .given(created, archived)
    .when(update({ name: 'New' }))
    .thenRejected('knowledge-base-archived');
  spec
    .given()
    .when(update({ name: 'New' }))
    .thenRejected('knowledge-base-not-found');
});

test('default weights are kept, changed and taken away; bases of before have none', () => {
  const spec = specFor(knowledgeBaseDecider);
  const weights = { vector: 0, keyword: 1 };
  const { weights: _, ...before } = fields;
  spec
    .given({ ...created, data: before })
    .when(update({ weights }))
    .then({ type: 'knowledge_base.updated', data: { weights } });
  spec
    .given({ ...created, data: { ...fields, weights } })
    .when(update({ weights }))
    .then();
  spec
    .given({ ...created, data: { ...fields, weights } })
    .when(update({ weights: null }))
    .then({ type: 'knowledge_base.updated', data: { weights: null } });
});

test('an overlap of more than half is refused', () => {
  specFor(knowledgeBaseDecider)
    .given(created)
    .when(update({ chunking: { max_chars: 200, overlap_chars: 101 } }))
    .thenRejected('overlap-too-large');
});

test('the view is the fields and the status', () => {
  expect(knowledgeBaseView(knowledgeBaseDecider.initial, 'it')).toBeNull();
  expect(knowledgeBaseView(knowledgeBaseDecider.evolve(knowledgeBaseDecider.initial, created), 'it')).toEqual({
    id: 'it',
    status: 'active',
    reindex: null,
    ...fields,
  });
});

describe('a reindex of all documents', () => {
  const spec = specFor(knowledgeBaseDecider);
  const ask = { type: 'knowledge_base.reindex', data: { knowledge_base_id: 'it' } } as const;
  const requested = { type: 'knowledge_base.reindex_requested', data: { reindex_id: 'r' } } as const;
  const page = (after: string | null, documents: number, attempt = 1) =>
    ({ type: 'knowledge_base.reindex_continued', data: { reindex_id: 'r', after, documents, attempt } }) as const;
  const record = (after: string | null, outcome: PageOutcome, attempt = 1) =>
    ({ type: 'knowledge_base.record', data: { reindex_id: 'r', after, attempt, outcome } }) as const;
  const away = { status: 'failed', error: { code: 'log-unavailable', message: 'no' }, retryable: true } as const;
  const asked = { type: 'knowledge_base.reindex_asked', data: { reindex_id: 'r', documents: 140 } } as const;
  const history = [created, requested, page(null, 0)];

  test('is asked for once at a time, and goes on page by page', () => {
    expect(spec.given(created).when(ask).decision).toEqual([{ type: 'knowledge_base.reindex_requested', data: { reindex_id: expect.any(String) } }]);
    spec
      .given(...history)
      .when(ask)
      .then();
    spec.given(created, requested).when({ type: 'knowledge_base.advance', data: {} }).then(page(null, 0));
    spec
      .given(...history)
      .when(record(null, { status: 'told', documents: 100, after: 'd99' }))
      .then(page('d99', 100));
    spec
      .given(...history, page('d99', 100))
      .when(record('d99', { status: 'told', documents: 40, after: null }))
      .then(asked);
    expect(spec.given(...history, asked).when(ask).decision).toHaveLength(1);
  });

  test('whoever takes over tells the page again that was begun; what comes late means nothing', () => {
    expect(spec.given(...history, page('d99', 100)).when({ type: 'knowledge_base.recover', data: {} }).decision).toEqual([page('d99', 100)]);
    spec
      .given(...history, page('d99', 100))
      .when(record(null, { status: 'told', documents: 100, after: 'd99' }))
      .then();
    spec.given(created).when({ type: 'knowledge_base.recover', data: {} }).then();
    spec
      .given(...history, archived)
      .when(record(null, away))
      .then();
  });

  test('is given up when a page fails again and again', () => {
    spec
      .given(...history)
      .when(record(null, away))
      .then(page(null, 0, 2));
    spec
      .given(created, requested, page('d99', 100, 5))
      .when(record('d99', away, 5))
      .then({ type: 'knowledge_base.reindex_failed', data: { reindex_id: 'r', documents: 100, error: away.error } });
  });
});

test('running any command twice never appends twice', () => {
  const commands = fc.constantFrom<Pick<KnowledgeBaseCommand, 'type' | 'data'>>(create, archive, update({ name: 'New' }), update({ description: null }), {
    type: 'knowledge_base.reindex',
    data: { knowledge_base_id: 'it' },
  });
  neverAppendsTwice(knowledgeBaseDecider, commands);
});
