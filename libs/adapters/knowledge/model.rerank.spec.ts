import { Failure } from '@agent-platform/kernel/index';
import type { KnowledgeAnswer, KnowledgeHit } from '@agent-platform/ports/knowledge.port';
import type { RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import type { ChatRequest, ModelPort, RerankPort, RerankRequest } from '@agent-platform/ports/model.port';
import { expect, test } from 'vitest';
import { createRerankedSearch } from './model.rerank.ts';

const hit = (document_id: string, score: number): KnowledgeHit => ({
  chunk_id: `${document_id}.1.0`,
  document_id,
  title: document_id,
  index_version: 1,
  position: 0,
  start: 0,
  end: 1,
  heading: null,
  page: null,
  text: `Text of ${document_id}.`,
  metadata: {},
  keyword_score: 0.1,
  vector_score: 0.2,
  score,
});
const embedding = { space: 's', fallback_used: false, fallback_reason: null, other_spaces: false };
const found: KnowledgeAnswer = { hits: [hit('a', 1), hit('b', 0.9), hit('c', 0.8), hit('d', 0.7)], embedding, vector_search: 'scan', duration_ms: 1 };
const asked: { request: ChatRequest; top_k: number }[] = [];
const query = { workspace_id: 'acme', knowledge_base_id: 'kb', query: 'who?', top_k: 2, filters: {} };
const signal = new AbortController().signal;

const reranked: RerankRequest[] = [];
const reader = (setting: Partial<RerankSetting>): RerankSetting => ({ method: 'chat', candidates: 4, ...setting });

function searchWith(reply: string | Failure | null, setting: RerankSetting | null = null, timeoutMs = 1000) {
  let top_k = 0;
  const model: ModelPort & RerankPort = {
    async rerank(request) {
      reranked.push(request);
      if (reply instanceof Failure) throw reply;
      return { model: 'ranker-1', scores: JSON.parse(reply ?? '[]') };
    },
    async chat(request, { signal: given }) {
      asked.push({ request, top_k });
      if (reply === null) return new Promise((_, reject) => given.addEventListener('abort', () => reject(new Failure('transient', 'model-aborted', 'late'))));
      if (reply instanceof Failure) throw reply;
      return { text: reply, model: 'judge-1', finish_reason: 'stop', usage: null };
    },
  };
  const search = { search: async (wanted: { top_k: number }) => ((top_k = wanted.top_k), { ...found, hits: found.hits.slice(0, wanted.top_k) }) };
  return createRerankedSearch({ search, model, settingOf: async () => setting, timeoutMs });
}
const ids = ({ hits }: KnowledgeAnswer) => hits.map(({ document_id }) => document_id);

test('nobody asks for it: nothing happens', async () => {
  const answer = await searchWith('{}').search(query, { signal });
  expect([ids(answer), answer.rerank, asked]).toEqual([['a', 'b'], undefined, []]);
  expect(ids(await searchWith('{}', reader({})).search({ ...query, rerank: false }, { signal }))).toEqual(['a', 'b']);
});

test('a model reads the candidates and orders them; equal grades and missing ones stay as they were found', async () => {
  const answer = await searchWith('Sure: {"1": 2, "2": 2, "3": 9}', reader({ model: 'judge' })).search({ ...query, top_k: 4 }, { signal, key: 'k' });
  expect(ids(answer)).toEqual(['c', 'a', 'b', 'd']);
  expect(answer.hits[0]).toMatchObject({ rerank_score: 0.9, score: 0.8 });
  expect(answer.hits[3]?.rerank_score).toBeNull();
  expect(answer.rerank).toEqual({ applied: true, model: 'judge-1', candidates: 4, reason: null });
  expect(asked.at(-1)).toMatchObject({ top_k: 4, request: { model: 'judge', temperature: 0 } });
  expect(asked.at(-1)?.request.messages[1]?.content).toContain('Query: who?\n\nPassages:\n\n[1] a\nText of a.\n\n[2] b');
  expect(ids(await searchWith('{"1":0,"2":1,"3":2,"4":3}').search({ ...query, rerank: true }, { signal }))).toEqual(['d', 'c']);
});

test('a reranking model scores the candidates, headings and texts; those without a score come last', async () => {
  const answer = await searchWith('[-3.5, null, 0.25, 0.5]', reader({ method: 'rerank', model: 'ranker' })).search({ ...query, top_k: 4 }, { signal });
  expect(ids(answer)).toEqual(['d', 'c', 'a', 'b']);
  expect(answer.hits.map(({ rerank_score }) => rerank_score)).toEqual([0.5, 0.25, -3.5, null]);
  expect(answer.rerank).toEqual({ applied: true, model: 'ranker-1', candidates: 4, reason: null });
  expect(reranked.at(-1)).toMatchObject({ model: 'ranker', query: 'who?', documents: ['a\nText of a.', 'b\nText of b.', 'c\nText of c.', 'd\nText of d.'] });
});

test.each([
  ['no scores', '[null, null]', 'rerank-unreadable'],
  ['a failure', new Failure('denied', 'model-budget-exceeded', 'spent'), 'model-budget-exceeded'],
])('a reranking model that answers %s fails no search', async (_what, reply, reason) => {
  const answer = await searchWith(reply, reader({ method: 'rerank' })).search(query, { signal });
  expect([ids(answer), answer.rerank]).toEqual([['a', 'b'], expect.objectContaining({ applied: false, reason })]);
});

test.each([
  ['something else', 'I am only a model.', 'rerank-unreadable'],
  ['too few grades', '{"1": 3}', 'rerank-unreadable'],
  ['grades out of range', '{"1": 30, "2": -1, "3": "9", "4": null}', 'rerank-unreadable'],
  ['a failure', new Failure('transient', 'model-unreachable', 'away'), 'model-unreachable'],
  ['nothing', null, 'model-aborted'],
])('a model that answers %s fails no search', async (_what, reply, reason) => {
  const answer = await searchWith(reply, reader({}), 20).search(query, { signal });
  expect(ids(answer)).toEqual(['a', 'b']);
  expect(answer.rerank).toMatchObject({ applied: false, reason });
});
