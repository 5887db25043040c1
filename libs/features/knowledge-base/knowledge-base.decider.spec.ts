import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knowledgeBaseDecider, knowledgeBaseView, type KnowledgeBaseCommand } from './knowledge-base.decider.ts';

const chunking = { max_chars: 1000, overlap_chars: 150 };
const fields = { code: 'kb', name: 'KB', description: null, chunking };
const created = { type: 'knowledge_base.created', data: fields } as const;
const create = { type: 'knowledge_base.create', data: { code: 'kb', name: 'KB', chunking } } as const;
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

test('an overlap of more than half is refused', () => {
  specFor(knowledgeBaseDecider)
    .given(created)
    .when(update({ chunking: { max_chars: 200, overlap_chars: 101 } }))
    .thenRejected('overlap-too-large');
});

test('the view is the fields and the status', () => {
  expect(knowledgeBaseView(knowledgeBaseDecider.initial, 'it')).toBeNull();
  expect(knowledgeBaseView(knowledgeBaseDecider.evolve(knowledgeBaseDecider.initial, created), 'it')).toEqual({ id: 'it', status: 'active', ...fields });
});

test('running any command twice never appends twice', () => {
  const commands = fc.constantFrom<Pick<KnowledgeBaseCommand, 'type' | 'data'>>(create, archive, update({ name: 'New' }), update({ description: null }));
  neverAppendsTwice(knowledgeBaseDecider, commands);
});
