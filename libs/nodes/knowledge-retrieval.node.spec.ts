import { Failure } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { knowledgeRetrievalNode } from './knowledge-retrieval.node.ts';
import { type Outside, runEffect } from './testing/effect-run.ts';

const documents = [
  { id: 'shipping', title: 'Shipping Policy', text: 'Orders ship within 2 days.' },
  { id: 'refund', title: 'Refund Policy', text: 'Refunds: ask for a refund within 30 days.' },
];
const fetched = (http: Outside['http'], config = {}) =>
  runEffect(
    knowledgeRetrievalNode,
    { query: 'refund policy', source_url: 'http://source.test/{{input.lang}}/documents', top_k: 3, ...config },
    { input: { lang: 'en' } },
    { ...(http && { http }) },
  );

test('inline documents are ranked without touching the outside, and are not repeated in the request', async () => {
  const { outcome, immediate, request } = await runEffect(
    knowledgeRetrievalNode,
    { query_template: '{{state.query}}', top_k: 1, documents },
    { state: { query: 'refund' } },
  );
  expect(immediate).toBe(true);
  expect(outcome).toMatchObject({ status: 'completed', output_json: { retrieved_documents: [{ id: 'refund', title: 'Refund Policy' }] } });
  expect(JSON.stringify(request)).not.toContain('Shipping');
});

test('a literal query is used as it is', async () => {
  const { outcome } = await runEffect(knowledgeRetrievalNode, { query: '{{state.query}}', documents }, { state: { query: 'refund' } });
  expect(outcome).toMatchObject({ output_json: { retrieved_documents: [] } });
});

test('a list and an object with a list give the same', async () => {
  const list = await fetched(() => ({ text: JSON.stringify(documents) }));
  const object = await fetched(() => ({ text: JSON.stringify({ documents, total: 2 }) }));
  expect(list.http).toMatchObject([{ method: 'GET', url: 'http://source.test/en/documents', timeout_ms: 30_000 }]);
  expect(list.outcome).toEqual(object.outcome);
  expect(list.outcome).toMatchObject({ output_json: { retrieved_documents: [{ id: 'refund' }, { id: 'shipping' }] } });
});

test('hostile documents are made storable', async () => {
  const { outcome } = await fetched(() => ({ text: '[{"id":1,"title":"refund\\u0000","text":null,"__proto__":{"x":1}}]' }));
  expect(outcome).toMatchObject({ output_json: { retrieved_documents: [{ id: '1', title: 'refund', text: '' }] } });
});

test.each([
  ['http-status', true, { status: 503, text: 'later' }],
  ['http-status', false, { status: 404, text: 'no' }],
  ['source-json-invalid', false, { text: '<html>' }],
  ['source-shape-invalid', false, { text: '{"items":[]}' }],
])('%s (retryable: %s)', async (code, retryable, response) => {
  expect((await fetched(() => response)).outcome).toMatchObject({ status: 'failed', error: { code, retryable } });
});

test('a source that does not answer may be asked again', async () => {
  const { outcome } = await fetched(() => {
    throw new Failure('transient', 'http-timeout', 'No answer in 30 s.', { cause: { sent: true } });
  });
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'http-timeout', retryable: true } });
});

const hit = {
  chunk_id: 'refunds.1.0',
  document_id: 'refunds',
  title: 'Refund Policy',
  index_version: 1,
  position: 0,
  start: 0,
  end: 7,
  heading: null,
  page: null,
  text: 'Refunds',
  metadata: {},
  keyword_score: 0.3,
  vector_score: 0.6,
  score: 1,
};
const embedding = { space: 'local/hash-v1/384', fallback_used: false, fallback_reason: null, other_spaces: false };

test('a base of the workspace is searched, and the search is recorded with its run', async () => {
  const asked: unknown[] = [];
  const { outcome, commands } = await runEffect(
    knowledgeRetrievalNode,
    { query_template: '{{input.q}}', knowledge_base_id: '{{input.base}}', top_k: 2, filters: { source_type: 'text' } },
    { input: { q: ' refund ', base: 'support' } },
    { knowledge: (query) => (asked.push(query), { hits: [hit], embedding, vector_search: 'scan', duration_ms: 1 }) },
  );
  expect(asked).toEqual([{ workspace_id: 'acme', knowledge_base_id: 'support', query: 'refund', top_k: 2, filters: { source_type: 'text' } }]);
  expect(outcome).toMatchObject({
    status: 'completed',
    output_json: { retrieved_documents: [{ id: 'refunds', title: 'Refund Policy', score: 1 }], embedding },
  });
  const [command] = commands;
  expect(command).toMatchObject({
    type: 'retrieval.record',
    workspaceId: 'acme',
    data: { run_id: 'run-1', query: 'refund', hits: [{ document_id: 'refunds' }] },
  });
  expect(JSON.stringify(command?.data)).not.toContain('Refunds');
});

test.each([
  [{ knowledge_base_id: '../x', query: 'a' }, 'knowledge-base-id-invalid'],
  [{ knowledge_base_id: 'support', query: ' ' }, 'query-empty'],
])('%j: %s', async (config, code) => {
  expect((await runEffect(knowledgeRetrievalNode, config)).outcome).toMatchObject({ status: 'failed', error: { code, retryable: false } });
});

test('a query and a source are needed, one of each', () => {
  for (const config of [
    { query: 'a' },
    { documents },
    { query: 'a', query_template: 'b', documents },
    { query: 'a', documents, source_url: 'http://a.test' },
    { query: 'a', documents, knowledge_base_id: 'support' },
    { query: 'a', documents, filters: {} },
  ]) {
    expect(knowledgeRetrievalNode.config.safeParse(config).success).toBe(false);
  }
});
