import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

const scope = { scope_type: 'user', scope_id: 'user-1' };

/** PGlite has pgvector; the embedded native Postgres does not, and there arrays of reals do the same. */
describe.each(['pglite', 'native'] as const)('memories on %s', (postgres) => {
  let platform: TestPlatform;
  let api: Api;
  beforeAll(async () => {
    platform = await startTestPlatform({ postgres, ...(postgres === 'pglite' && { env: { AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: 'true' } }) });
    api = createApi(platform.url, 'acme');
  });
  afterAll(() => platform.close());

  const remember = (content_text: string, more: object = {}) => api.post('/memories', { ...scope, memory_type: 'preference', content_text, ...more });
  const search = (after: Answer | null, query: string, more: object = {}) =>
    api.post('/memories/search', { query, ...scope, ...(after && { read_after: after.body.log.event_id }), ...more });
  const texts = (found: Answer): string[] => found.body.items.map((item: { content_text: string }) => item.content_text);

  test('are found with all scores, best first, at most so many', async () => {
    const mine = { scope_type: 'user', scope_id: 'tea' };
    await remember('The user likes green tea in the morning', { ...mine, importance_score: 80 });
    await remember('Invoices go to the accounting team', { ...mine, importance_score: 80 });
    const last = await remember('Parcels are left with the neighbour', { ...mine, importance_score: 60 });
    expect(last.status).toBe(201);
    expect(last.body).toMatchObject({ ...mine, status: 'active', memory_type: 'preference', importance_score: 60, workspace_id: 'acme' });
    const found = await search(last, 'green tea', { ...mine, limit: 2 });
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ rerank_mode: 'hybrid-local', embedding: { provider: 'local', dimensions: 384, missing: 0 } });
    expect(found.body.items).toHaveLength(2);
    const [best, second] = found.body.items;
    expect(best).toMatchObject({ content_text: 'The user likes green tea in the morning', importance: 80, importance_score: 0.8, rerank_mode: 'hybrid-local' });
    expect(best.keyword_score).toBeGreaterThan(second.keyword_score);
    expect(best.vector_score).toBeGreaterThan(second.vector_score);
    const [same] = (await search(last, 'Parcels are left with the neighbour', mine)).body.items;
    expect([same.content_text, same.vector_score]).toEqual(['Parcels are left with the neighbour', 1]);
  });

  test('are found by one of their words', async () => {
    const session = { scope_type: 'session', scope_id: 'session-id' };
    const fact = { ...session, memory_type: 'fact', content_text: 'User prefers concise answers.', importance_score: 80 };
    const made = await api.post('/memories', fact);
    const { items } = (await search(made, 'concise', { ...session, limit: 5 })).body;
    expect(items).toMatchObject([{ memory_type: 'fact', content_text: fact.content_text, importance_score: 0.8, rerank_mode: 'hybrid-local' }]);
    expect([items[0].keyword_score > 0, items[0].vector_score > 0]).toEqual([true, true]);
  });

  test('of equal texts the more important one is first', async () => {
    const equal = { scope_type: 'agent', scope_id: 'equal' };
    await remember('Answers in English', { ...equal, importance_score: 10 });
    const last = await remember('Answers in English', { ...equal, importance_score: 90 });
    const { items } = (await search(last, 'which language', equal)).body;
    expect(items.map((item: { importance_score: number }) => item.importance_score)).toEqual([0.9, 0.1]);
  });

  test('no scope, type of scope or workspace sees another', async () => {
    let last: Answer | null = null;
    for (const scope_type of ['user', 'session', 'agent', 'team']) {
      for (const scope_id of ['a', 'b']) last = await remember(`The secret of ${scope_type} ${scope_id}`, { scope_type, scope_id });
    }
    const other = createApi(platform.url, 'other');
    const foreign = await other.post('/memories', { scope_type: 'user', scope_id: 'a', memory_type: 'note', content_text: 'The secret of others' });
    await other.getAfter(foreign, `/memories/${foreign.body.id}`);
    for (const scope_type of ['user', 'session', 'agent', 'team']) {
      for (const scope_id of ['a', 'b']) {
        expect(texts(await search(last, 'The secret of others', { scope_type, scope_id, limit: 100 }))).toEqual([`The secret of ${scope_type} ${scope_id}`]);
        const listed = await api.get(`/memories?scope_type=${scope_type}&scope_id=${scope_id}`);
        expect(texts(listed)).toEqual([`The secret of ${scope_type} ${scope_id}`]);
      }
    }
    expect((await api.get(`/memories/${foreign.body.id}`)).status).toBe(404);
  });

  test('are not found any more after they were revoked, deleted or changed', async () => {
    const ends = { scope_type: 'team', scope_id: 'ends' };
    const [first, second, third] = [await remember('one tea', ends), await remember('two tea', ends), await remember('three tea', ends)];
    const revoked = await api.post(`/memories/${first.body.id}/revoke`, { reason: 'wrong' });
    expect(revoked.body).toMatchObject({ status: 'revoked', reason: 'wrong' });
    expect(texts(await search(revoked, 'tea', ends)).toSorted()).toEqual(['three tea', 'two tea']);
    const removed = await api.delete(`/memories/${second.body.id}`);
    expect(texts(await search(removed, 'tea', ends))).toEqual(['three tea']);
    const changed = await api.patch(`/memories/${third.body.id}`, { content_text: 'four tea' });
    const [item] = (await search(changed, 'four tea', ends)).body.items;
    expect([item.content_text, item.vector_score]).toEqual(['four tea', 1]);
    expect((await api.get(`/memories/${first.body.id}`)).body).toMatchObject({ status: 'revoked', reason: 'wrong' });
    expect((await api.get(`/memories/${second.body.id}`)).status).toBe(404);
    expect((await api.patch(`/memories/${first.body.id}`, { importance_score: 1 })).body.code).toBe('memory-ended');
  });

  test('end when their time is over, and the log says so', async () => {
    const short = { scope_type: 'session', scope_id: 'short' };
    const made = await remember('soon forgotten tea', short);
    expect(texts(await search(made, 'tea', short))).toEqual(['soon forgotten tea']);
    // Refused as being in the past when the machine takes longer than that.
    const end = () => api.patch(`/memories/${made.body.id}`, { expires_at: new Date(Date.now() + 300).toISOString() });
    await expect.poll(async () => (await end()).status).toBe(200);
    await expect.poll(async () => texts(await search(null, 'tea', short))).toEqual([]);
    const status = async () => (await api.get(`/memories/${made.body.id}`)).body.status;
    await expect.poll(status).toBe('expired');
    const { items } = (await api.get(`/streams/memory/${made.body.id}/events`)).body;
    expect(items.map(({ type }: { type: string }) => type)).toEqual(['memory.created', 'memory.updated', 'memory.expired']);
  });

  test('say which run wrote them and which read them', async () => {
    const provenance = { scope_type: 'agent', scope_id: 'provenance' };
    await remember('Ship on Mondays', { ...provenance, source_run_id: 'run-1' });
    const made = await remember('Ship on Fridays', { ...provenance, source_run_id: 'run-2' });
    expect(texts(await api.getAfter(made, '/memories?source_run_id=run-2'))).toEqual(['Ship on Fridays']);
    const found = await search(made, 'when to ship', { ...provenance, run_id: 'run-3' });
    const ids = found.body.items.map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(2);
    const reads = await api.getAfter(found, `/memories/${made.body.id}/reads`);
    expect(reads.body.items).toMatchObject([{ memory_id: made.body.id, run_id: 'run-3', query: 'when to ship' }]);
    const ofRun = await api.get('/memories/reads?run_id=run-3');
    expect(ofRun.body.items.map(({ memory_id }: { memory_id: string }) => memory_id).toSorted()).toEqual(ids.toSorted());
    expect((await api.get('/memories/reads?run_id=run-1')).body.items).toEqual([]);
  });

  test('are refused with the field that is wrong', async () => {
    for (const [wrong, field] of [
      [{ scope_type: 'planet' }, '/scope_type'],
      [{ importance_score: 101 }, '/importance_score'],
      [{ importance_score: -1 }, '/importance_score'],
      [{ content_text: ' ' }, '/content_text'],
      [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    ] as const) {
      const answer = await remember('x', wrong);
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, field]);
    }
    for (const wrong of [{ scope_type: 'planet' }, { limit: 0 }, { limit: 101 }, { unknown: 1 }]) expect((await search(null, 'x', wrong)).status).toBe(400);
    expect((await search(null, ' ')).status).toBe(400);
    for (const query of [`'):*&!|<-> "`, '🫖'.repeat(1000), 'ﬁ ǅ İ ٣']) expect((await search(null, query)).status).toBe(200);
    for (const wrong of ['a\u0000b', '\ud800']) {
      expect((await search(null, wrong)).status).toBe(400);
      expect((await search(null, 'x', { scope_id: wrong })).status).toBe(400);
    }
  });
});

/** What was asked of a provider of embeddings: its texts become [1, 0] with the word tea, else [0, 1]. */
async function startProvider() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { input } = JSON.parse(body) as { input: string[] };
      asked.push(...input);
      const data = input.map((one, index) => ({ index, embedding: one.includes('tea') ? [1, 0] : [0, 1] }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const stop = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  return { asked, stop, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

test.each([true, false])('a provider embeds memories and queries; when it fails and a stand-in is %s', async (fallback) => {
  const provider = await startProvider();
  const platform = await startTestPlatform({
    env: {
      AGENT_PLATFORM_EMBEDDING_PROVIDER: 'http',
      AGENT_PLATFORM_EMBEDDING_BASE_URL: provider.url,
      AGENT_PLATFORM_EMBEDDING_MODEL: 'tiny',
      AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: String(fallback),
    },
  });
  try {
    const api = createApi(platform.url, 'acme');
    const made = await api.post('/memories', { ...scope, memory_type: 'note', content_text: 'green tea' });
    const search = () => api.post('/memories/search', { ...scope, query: 'a cup of tea', read_after: made.body.log.event_id });
    expect((await search()).body).toMatchObject({ embedding: { provider: 'http', model: 'tiny', dimensions: 2 }, items: [{ vector_score: 1 }] });
    expect(provider.asked).toEqual(['a cup of tea', 'green tea']);
    await provider.stop();
    const { status, body } = await search();
    if (fallback)
      expect(body).toMatchObject({ embedding: { provider: 'local', fallback: { code: 'embedding-unreachable' } }, items: [{ content_text: 'green tea' }] });
    else expect([status, body.code]).toEqual([503, 'embedding-unreachable']);
  } finally {
    await platform.close();
    await provider.stop();
  }
});
