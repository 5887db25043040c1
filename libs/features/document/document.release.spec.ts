import { fold } from '@agent-platform/kernel/index';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { expect, test } from 'vitest';
import { documentDecider } from './document.decider.ts';
import type { DocumentCommand, DocumentEvent, DocumentState } from './document.state.ts';

const spec = specFor<DocumentState, DocumentCommand, DocumentEvent>(documentDecider);
const chunking = { max_chars: 1000, overlap_chars: 150 };
const file = (sha256: string) => ({ sha256, bytes: 1, name: null, media_type: null });
const fields = { title: 'T', source_type: 'pdf' as const, source_url: null, content_text: null, metadata: {} };
const created: DocumentEvent = { type: 'document.created', data: { knowledge_base_id: 'kb', ...fields, file: file('a'), chunking, index_version: 1 } };
const failed: DocumentEvent = { type: 'document.index_failed', data: { index_version: 1, error: { code: 'x', message: 'x' }, dropped: [] } };
const replaced = (sha256: string): DocumentEvent => ({ type: 'document.updated', data: { file: file(sha256), dropped: [] } });
const deleted: DocumentEvent = { type: 'document.deleted', data: { dropped: [] } };
const released = (more = false): DocumentEvent => ({ type: 'document.files_released', data: { deleted: more } });
const started = (needed: string | null, attempt = 1): DocumentEvent => ({
  type: 'document.release_started',
  data: { needed, before: expect.any(String), attempt, deleted: needed === null },
});
const begun = (needed: string | null, before = 't1', attempt = 1) =>
  ({ ...started(needed, attempt), data: { ...started(needed, attempt).data, before } }) as DocumentEvent;
const advance = { type: 'document.advance' as const, data: {} };
const record = (done: boolean, attempt = 1, before = 't1') => ({ type: 'document.record_release' as const, data: { before, attempt, done } });
const decision = (given: readonly DocumentEvent[], command: Pick<DocumentCommand, 'type' | 'data'>) => spec.given(...given).when(command).decision;

test('a deleted document lets go of its file, and one with another file of the first; others of nothing', () => {
  expect(decision([created, failed, deleted], advance)).toEqual([started(null)]);
  expect(decision([created, failed, replaced('b')], advance)).toEqual([started('b')]);
  expect(decision([created, failed, { type: 'document.updated', data: { metadata: { a: 1 }, dropped: [] } }], advance)).toEqual([]);
  expect(decision([created, failed, replaced('a')], advance)).toEqual([]);
  const text: DocumentEvent = { ...created, data: { ...created.data, file: null, content_text: 'x', source_type: 'text' } };
  expect(decision([text, deleted], advance)).toEqual([]);
});

test('what was fetched anew takes the place of what was fetched before', () => {
  const step: DocumentEvent = { type: 'document.step_started', data: { index_version: 1, step: 'fetch', from: 0, attempt: 1 } };
  const outcome = { status: 'extracted' as const, source_type: 'pdf' as const, content_text: 'x', pages: null, extractor: 'e', file: file('b') };
  const fetched = { type: 'document.record' as const, data: { index_version: 1, step: 'fetch' as const, from: 0, attempt: 1, outcome } };
  expect(decision([created, step], fetched)).toMatchObject([{ type: 'document.extracted' }, { type: 'document.step_started' }, started('b')]);
});

test('it is done once, begun again after a crash and a failure, and never for good given up', () => {
  expect(decision([created, deleted, begun(null)], record(true))).toEqual([released(true)]);
  expect(decision([created, deleted, begun(null)], { type: 'document.recover', data: {} })).toEqual([started(null)]);
  expect(decision([created, deleted, begun(null)], record(false))).toEqual([started(null, 2)]);
  expect(decision([created, deleted, begun(null, 't5', 5)], record(false, 5, 't5'))).toEqual([]);
  expect(decision([created, deleted, begun(null)], record(true, 2))).toEqual([]);
  expect(decision([created, deleted, begun(null), released(true)], advance)).toEqual([]);
  expect(fold(documentDecider, [created, deleted, begun(null), released(true)]).files).toEqual({ stale: false, releasing: null });
});

test('another file that comes meanwhile is let go of afterwards', () => {
  const history = [created, failed, replaced('b'), begun('b'), replaced('c')];
  expect(decision(history, advance)).toEqual([]);
  expect(decision(history, record(true))).toEqual([released(), started('c')]);
});
