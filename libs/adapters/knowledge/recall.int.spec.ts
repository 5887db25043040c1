import { readFileSync } from 'node:fs';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { chunkText } from '@agent-platform/document/chunk';
import { startPglite } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import { expect, test } from 'vitest';
import { createKnowledgeSearch } from './knowledge.search.ts';
import { openKnowledgeTables } from './testing/knowledge-tables.ts';

/** Questions in words of their own, and the one page of this repository that answers each. */
const QUESTIONS: readonly (readonly [question: string, file: string])[] = [
  ['how do I start the whole platform on my machine', 'README.md'],
  ['which subjects carry commands and which carry events', 'README.md'],
  ['how is a crashed executor noticed by the others', 'libs/runtime/README.md'],
  ['when is a snapshot of a run not used', 'libs/runtime/README.md'],
  ['where are passwords in headers of tools encrypted', 'libs/features/README.md'],
  ['which files does an aggregate consist of', 'libs/features/README.md'],
  ['is the broker able to lose an event for good', 'libs/messaging/README.md'],
  ['what happens to messages that nobody can process', 'libs/messaging/README.md'],
  ['global order of positions without gaps', 'libs/event-log/README.md'],
  ['why can rows of the log not be deleted', 'libs/event-log/README.md'],
  ['syntax of conditions on edges', 'libs/graph/README.md'],
  ['filters that a template can apply to a value', 'libs/graph/README.md'],
  ['addresses that outgoing requests may not reach', 'libs/adapters/http/README.md'],
  ['protection against redirects to private networks', 'libs/adapters/http/README.md'],
  ['postgres without docker for development', 'libs/embedded/README.md'],
  ['download of the nats server binary', 'libs/embedded/README.md'],
  ['deploying to kubernetes', 'infra/README.md'],
  ['scaling roles in production with compose', 'infra/README.md'],
  ['answers of models while no provider key is set', 'libs/adapters/model-offline/README.md'],
  ['streaming replies of an OpenAI compatible provider that is cut off', 'libs/adapters/openai/README.md'],
];

// 0.95 on the day this was written (11 of 20 answers came first); below the limit something is wrong with more than a page.
test('recall of the hash embedding over the pages of this repository', async () => {
  const server = await startPglite();
  const pool = await openPool(server.databaseUrl);
  const tables = await openKnowledgeTables(pool);
  await tables.base('pages');
  const files = [...new Set(QUESTIONS.map(([, file]) => file))];
  for (const [n, file] of files.entries()) {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    const chunks = chunkText(text, { max_chars: 1000, overlap_chars: 150 }).map((chunk) => chunk.text);
    await tables.document({ id: `page-${n}`, base: 'pages', chunks });
  }
  const { search } = createKnowledgeSearch({ pool: () => pool, embedding: createHashEmbedding() });
  const ranks: number[] = [];
  for (const [query, file] of QUESTIONS) {
    const { hits } = await search({ workspace_id: 'acme', knowledge_base_id: 'pages', query, top_k: 5, filters: {} }, { signal: new AbortController().signal });
    ranks.push(hits.findIndex(({ document_id }) => document_id === `page-${files.indexOf(file)}`));
  }
  await pool.end();
  await server.stop();
  const recall = ranks.filter((rank) => rank >= 0).length / QUESTIONS.length;
  expect(recall, `ranks ${ranks.join(' ')}`).toBeGreaterThanOrEqual(0.85);
}, 60_000);
