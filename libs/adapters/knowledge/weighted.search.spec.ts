import type { KnowledgeAnswer, KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { expect, test } from 'vitest';
import { createWeightedSearch } from './weighted.search.ts';

const answer: KnowledgeAnswer = {
  hits: [],
  embedding: { space: 'none', fallback_used: false, fallback_reason: null, other_spaces: false },
  vector_search: 'none',
  duration_ms: 1,
};
const query: KnowledgeQuery = { workspace_id: 'acme', knowledge_base_id: 'kb', query: 'x', top_k: 1, filters: {} };
const [words, meaning] = [
  { vector: 0, keyword: 1 },
  { vector: 1, keyword: 0 },
];

test.each([
  ['those of the search', meaning, words, meaning],
  ['those of the base where the search says nothing', undefined, words, words],
  ['the usual ones', undefined, null, undefined],
])('what counts: %s', async (_, asked, ofBase, expected) => {
  const heard: KnowledgeQuery[] = [];
  const search = { search: (one: KnowledgeQuery) => Promise.resolve((heard.push(one), answer)) };
  const weighted = createWeightedSearch(search, (...base) => Promise.resolve(base.join('/') === 'acme/kb' ? ofBase : null));
  const found = await weighted.search({ ...query, weights: asked }, { signal: AbortSignal.abort() });
  expect([found.weights, heard.map(({ weights }) => weights)]).toEqual([expected, [expected]]);
});
