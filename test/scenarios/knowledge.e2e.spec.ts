import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** Long enough for several batches of 32 chunks. */
const LONG = Array.from(
  { length: 60 },
  (_, n) => `## Clause ${n}\n\n${`Clause number ${n} speaks about the delivery of parcels in region ${n}. `.repeat(9)}`,
).join('\n\n');

let pages: Server;
let pagesUrl: string;
let page: { status: number; type: string; body: string };

beforeAll(async () => {
  pages = createServer((_request, response) => response.writeHead(page.status, { 'content-type': page.type }).end(page.body));
  await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening));
  pagesUrl = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
});
afterAll(() => pages.close());

// PGlite has pgvector, the embedded native Postgres has not: what is found is the same.
describe.each([
  ['pglite', 'pgvector-exact'],
  ['native', 'scan'],
] as const)('on %s', (postgres, way) => {
  let platform: TestPlatform;
  let api: Api;
  let other: Api;

  beforeAll(async () => {
    const env = { AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: String(postgres === 'pglite') };
    platform = await startTestPlatform({ postgres, env, egressAllow: [new URL(pagesUrl).host] });
    api = createApi(platform.url, 'acme');
    other = createApi(platform.url, 'rival');
    for (const workspace of [api, other]) {
      const made = await workspace.post('/knowledge/bases', { knowledge_base_id: 'support', code: 'support_kb', name: 'Support Knowledge Base' });
      expect(made).toMatchObject({ status: 201, body: { id: 'support', status: 'active', chunking: { max_chars: 1000 } } });
    }
  });
  afterAll(() => platform.close());

  /** Adds a document and waits until it is indexed, or given up. */
  async function add(body: object, workspace: Api = api): Promise<Answer> {
    const made = await workspace.post('/knowledge/documents', { knowledge_base_id: 'support', ...body });
    expect(made).toMatchObject({ status: 201, body: { index_status: 'pending' } });
    return settled(made.body.id, workspace);
  }

  async function settled(id: string, workspace: Api = api): Promise<Answer> {
    let found: Answer | undefined;
    await expect.poll(async () => (found = await workspace.get(`/knowledge/documents/${id}`)).body.index_status).toMatch(/^(indexed|failed)$/);
    if (!found) throw new Error('never polled');
    return found;
  }

  const search = (query: string, more: object = {}, workspace: Api = api) =>
    workspace.post('/knowledge/search', { knowledge_base_id: 'support', query, top_k: 3, ...more });
  const titles = (answer: Answer): string[] => answer.body.hits.map((hit: { title: string }) => hit.title);

  test('a document is indexed in the background and found, best first, with its scores', async () => {
    const done = await add({ title: 'Refund Policy', source_type: 'text', content_text: 'Refunds are available within seven days for eligible orders.' });
    expect(done.body).toMatchObject({ index_status: 'indexed', chunks_done: 1, chunks_total: 1, search_version: 1, embedding_spaces: ['local/hash-v1/384'] });
    await add({ title: 'Shipping', content_text: 'Parcels arrive within three days.', metadata: { team: 'logistics' } });
    const found = await search('refund within seven days');
    expect(found).toMatchObject({
      status: 200,
      body: {
        vector_search: way,
        embedding: { space: 'local/hash-v1/384', fallback_used: false, other_spaces: false },
        hits: expect.arrayContaining([
          expect.objectContaining({
            title: 'Refund Policy',
            position: 0,
            index_version: 1,
            start: 0,
            score: 1,
            text: 'Refunds are available within seven days for eligible orders.',
          }),
        ]),
      },
    });
    const [first] = found.body.hits;
    expect(first.title).toBe('Refund Policy');
    expect(first.vector_score).toBeGreaterThan(0.3);
    expect(first.keyword_score).toBeGreaterThan(0);
    expect(titles(await search('refund', { filters: { metadata: { team: 'logistics' } } }))).toEqual(['Shipping']);
    expect(titles(await search('days', { filters: { document_ids: [done.body.id] } }))).toEqual(['Refund Policy']);
  });

  test('what was found is recorded and can be read', async () => {
    const found = await search('refund');
    const recorded = await api.getAfter(found, `/knowledge/retrievals/${found.body.retrieval_id}`);
    const { text: _, metadata: _metadata, start: _start, end: _end, heading: _heading, ...hit } = found.body.hits[0];
    expect(recorded).toMatchObject({ status: 200, body: { query: 'refund', top_k: 3, vector_search: way, hits: expect.arrayContaining([hit]), run_id: null } });
    const list = await api.get('/knowledge/retrievals?knowledge_base_id=support&limit=1');
    expect(list.body.items[0].id).toBe(found.body.retrieval_id);
  });

  test('bases and workspaces see nothing of each other', async () => {
    const empty = await api.post('/knowledge/bases', { knowledge_base_id: 'empty', code: 'empty', name: 'Empty' });
    expect((await search('refund', { knowledge_base_id: 'empty', read_after: empty.body.log.event_id })).body.hits).toEqual([]);
    expect((await search('refund', {}, other)).body.hits).toEqual([]);
    expect(await search('refund', { knowledge_base_id: 'none' })).toMatchObject({ status: 404, body: { code: 'knowledge-base-not-found' } });
    expect(await api.post('/knowledge/bases', { code: 'support_kb', name: 'Again' })).toMatchObject({
      status: 409,
      body: { code: 'knowledge-base-code-taken' },
    });
    expect(await api.post('/knowledge/documents', { knowledge_base_id: 'none', title: 'x', content_text: 'x' })).toMatchObject({ status: 404 });
  });

  test('changed and deleted documents change searches at once', async () => {
    const { body } = await add({ title: 'Opening Hours', content_text: 'The zebra counter opens at nine.' });
    const changed = await api.patch(`/knowledge/documents/${body.id}`, { content_text: 'The giraffe counter opens at ten.' });
    const at = { read_after: changed.body.log.event_id };
    expect((await search('zebra', at)).body.hits.map(({ text }: { text: string }) => text).join()).not.toContain('zebra');
    await settled(body.id);
    expect((await search('giraffe counter')).body.hits[0]).toMatchObject({ document_id: body.id, index_version: 2, text: 'The giraffe counter opens at ten.' });
    const again = await api.post(`/knowledge/documents/${body.id}/reindex`, {});
    expect((await search('giraffe counter', { read_after: again.body.log.event_id })).body.hits[0]).toMatchObject({ document_id: body.id });
    await expect.poll(async () => (await api.get(`/knowledge/documents/${body.id}`)).body.search_version).toBe(3);
    const deleted = await api.delete(`/knowledge/documents/${body.id}`);
    const after = await search('giraffe counter', { read_after: deleted.body.log.event_id });
    expect(after.body.hits.map((hit: { document_id: string }) => hit.document_id)).not.toContain(body.id);
    expect((await api.get(`/knowledge/documents/${body.id}`)).status).toBe(404);
  });

  test('a long document is indexed batch by batch, and its chunks are found by their headings', async () => {
    const { body } = await add({ title: 'Terms', source_type: 'markdown', content_text: LONG });
    expect(body.chunks_total).toBeGreaterThanOrEqual(60);
    const history = await api.get(`/events?category=document&stream_id=${body.id}`);
    expect(history.status).toBe(200);
    const [hit] = (await search('clause number 42 region', { filters: { document_ids: [body.id] } })).body.hits;
    expect(hit).toMatchObject({ heading: 'Clause 42' });
    await api.delete(`/knowledge/documents/${body.id}`);
  });

  test('a page is fetched from its address; what can’t be indexed says why', async () => {
    page = {
      status: 200,
      type: 'text/html; charset=utf-8',
      body: '<h1>Warranty</h1><p>Every walrus has a warranty of two years.</p><script>walrus()</script>',
    };
    const fetched = await add({ title: 'Warranty', source_url: `${pagesUrl}/warranty` });
    expect(fetched.body).toMatchObject({ index_status: 'indexed', source_type: 'html' });
    expect((await search('walrus warranty')).body.hits[0]).toMatchObject({
      text: '# Warranty\n\nEvery walrus has a warranty of two years.',
      heading: 'Warranty',
    });
    page = { status: 404, type: 'text/plain', body: 'no' };
    expect((await add({ title: 'Gone', source_url: `${pagesUrl}/gone` })).body).toMatchObject({
      index_status: 'failed',
      index_error: { code: 'source-status' },
    });
    expect((await add({ title: 'Private', source_url: 'http://169.254.169.254/latest' })).body).toMatchObject({
      index_status: 'failed',
      index_error: { code: 'egress-denied' },
    });
  });

  test('a workflow retrieves from a base, and the search is recorded with its run', async () => {
    const nodes = [
      { id: 'start', type: 'start', config: {} },
      { id: 'find', type: 'knowledge-retrieval', config: { query_template: '{{ input.question }}', knowledge_base_id: 'support', top_k: 1 } },
      { id: 'answer', type: 'answer', config: { answer: '{{ nodes.find.output.retrieved_documents.0.title }}' } },
    ];
    const edges = [
      { source: 'start', target: 'find' },
      { source: 'find', target: 'answer' },
    ];
    const made = await api.post('/workflows', { workflow_id: 'ask', code: 'ask', name: 'Ask', nodes, edges });
    expect(made.body).toMatchObject({ id: 'ask' });
    expect((await api.post('/workflows/ask/publish', {})).status).toBe(200);
    const run = await api.post('/runtime/runs', { workflow_id: 'ask', input: { question: 'refund within seven days' } }, { prefer: 'wait=20' });
    expect(run.body).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(run.body)).toContain('Refund Policy');
    await expect.poll(async () => (await api.get(`/knowledge/retrievals?run_id=${run.body.id}`)).body.items.length).toBe(1);
  });

  test('an archived base is not searched and takes no documents', async () => {
    await api.post('/knowledge/bases', { knowledge_base_id: 'old', code: 'old', name: 'Old' });
    const archived = await api.post('/knowledge/bases/old/archive', {});
    expect(archived).toMatchObject({ status: 200, body: { status: 'archived' } });
    expect(await search('x', { knowledge_base_id: 'old', read_after: archived.body.log.event_id })).toMatchObject({ status: 409 });
    expect(await api.post('/knowledge/documents', { knowledge_base_id: 'old', title: 'x', content_text: 'x' })).toMatchObject({ status: 409 });
  });

  test('a file of a form is read in the charset that its part names', async () => {
    await api.post('/knowledge/bases', { knowledge_base_id: 'menus', code: 'menus', name: 'Menus' });
    const form = new FormData();
    form.set('knowledge_base_id', 'menus');
    form.set('file', new Blob([Buffer.from('Caf\xe9 cr\xe8me', 'latin1')], { type: 'text/plain; charset=iso-8859-1' }), 'menu.txt');
    const made = await api.post('/knowledge/documents', form);
    expect(made).toMatchObject({ status: 201, body: { file: { media_type: 'text/plain; charset=iso-8859-1' } } });
    expect(await settled(made.body.id)).toMatchObject({ body: { index_status: 'indexed' } });
    expect((await search('menu', { knowledge_base_id: 'menus' })).body.hits).toMatchObject([{ text: 'Café crème' }]);
  });

  test('a base says how much vectors and words count, where a search does not', async () => {
    const words = { vector: 0, keyword: 1 };
    await api.post('/knowledge/bases', { knowledge_base_id: 'zoo', code: 'zoo', name: 'Zoo', weights: words });
    for (const title of ['lion', 'otter']) await add({ knowledge_base_id: 'zoo', title, content_text: `The ${title} is an animal.` });
    const found = async (more: object = {}) => (await search('otter', { knowledge_base_id: 'zoo', ...more })).body;
    const ofBase = await found();
    expect(ofBase).toMatchObject({ weights: words, vector_search: 'none', hits: [{ title: 'otter', vector_score: null, score: 1 }] });
    expect(await found({ weights: { vector: 1, keyword: 1 } })).toMatchObject({ weights: { vector: 1, keyword: 1 }, hits: { length: 2 } });
    const record = await api.get(`/knowledge/retrievals/${ofBase.retrieval_id}?read_after=${ofBase.log.event_id}`);
    expect(record.body.weights).toEqual(words);
    const { status, body } = await api.patch('/knowledge/bases/zoo', { weights: { vector: 0, keyword: 0 } });
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ field: '/weights', rule: 'one of them must be above 0' })]]);
    const { log } = (await api.patch('/knowledge/bases/zoo', { weights: null })).body;
    const usual = await found({ read_after: log.event_id });
    expect([usual.hits.length, usual.weights, usual.vector_search]).toEqual([2, undefined, way]);
  });
});
