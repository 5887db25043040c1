import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { makePdf } from '@agent-platform/adapter-documents/testing/make-pdf';
import type { ModelPort } from '@agent-platform/ports/model.port';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** Files of the tests of a package that nobody here wrote. */
const fixtures = path.join(path.dirname(createRequire(import.meta.url).resolve('mammoth/package.json')), 'test/test-data');
const docx = (name: string): Buffer => readFileSync(path.join(fixtures, `${name}.docx`));

const Kept = z.object({ text: z.string() });
const handbook = makePdf([
  ['Handbook of the shop', 'Everything that a clerk has to know.'],
  ['Parcels leave on Tuesdays and Fridays.', 'The walrus desk opens at nine.'],
  ['Refunds are available within seven days', 'for eligible orders.'],
]);

/** Grades what speaks of giraffes high, and everything else low. */
const grader: ModelPort = {
  async chat({ messages }, { onToken }) {
    const passages = (messages.at(-1)?.content ?? '').split(/^\[(?=\d+\] )/m).slice(1);
    const grades = Object.fromEntries(passages.map((passage, at) => [at + 1, /giraffe/.test(passage) ? 9 : 2]));
    const text = JSON.stringify(grades);
    onToken?.(text);
    return { text, model: 'grader', finish_reason: 'stop', usage: null };
  },
};

let pages: Server;
let platform: TestPlatform;
let api: Api;
let url: string;

beforeAll(async () => {
  pages = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end(handbook));
  await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening));
  platform = await startTestPlatform({
    postgres: 'pglite',
    env: { AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: 'true', AGENT_PLATFORM_EMBEDDING_PROVIDER: 'hash' },
    model: grader,
    egressAllow: [`127.0.0.1:${(pages.address() as AddressInfo).port}`],
  });
  api = createApi(platform.url, 'acme');
  url = `${platform.url}/api/v1/knowledge/documents`;
  await api.post('/knowledge/bases', { knowledge_base_id: 'shop', code: 'shop', name: 'Shop' });
});
afterAll(async () => {
  await platform.close();
  pages.close();
});

const workspace = { 'x-workspace-id': 'acme' };
const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  body: (await response.json()) as Answer['body'],
  headers: response.headers,
});

/** As a browser or `curl -F` sends a file. */
async function upload(bytes: Uint8Array, name: string, fields: Readonly<Record<string, string>> = {}, at = url, method = 'POST'): Promise<Answer> {
  const form = new FormData();
  for (const [field, value] of Object.entries(method === 'POST' ? { knowledge_base_id: 'shop', ...fields } : fields)) form.set(field, value);
  form.set('file', new Blob([new Uint8Array(bytes)]), name);
  return answerOf(await fetch(at, { method, headers: workspace, body: form }));
}

/** As `curl --data-binary` does. */
const raw = async (bytes: Uint8Array | string, type: string, query = 'knowledge_base_id=shop&title=Raw'): Promise<Answer> =>
  answerOf(
    await fetch(`${url}?${query}`, { method: 'POST', headers: { ...workspace, 'content-type': type }, body: new Blob([new Uint8Array(Buffer.from(bytes))]) }),
  );

async function settled(id: string): Promise<Answer['body']> {
  let body: Answer['body'] = {};
  await expect.poll(async () => (body = (await api.get(`/knowledge/documents/${id}`)).body).index_status).toMatch(/^(indexed|failed)$/);
  return body;
}
const search = async (query: string, more: object = {}) => (await api.post('/knowledge/search', { knowledge_base_id: 'shop', query, top_k: 3, ...more })).body;

test('a PDF is uploaded, found by page, and a workflow answers with the citation', async () => {
  const made = await upload(handbook, 'handbook.pdf', { metadata: '{"team":"sales"}', document_id: 'handbook' });
  expect(made).toMatchObject({
    status: 201,
    body: { id: 'handbook', title: 'handbook', source_type: 'pdf', file: { name: 'handbook.pdf', bytes: handbook.length } },
  });
  expect(await settled('handbook')).toMatchObject({ index_status: 'indexed', pages: 3, metadata: { team: 'sales' } });
  const { hits } = await search('refunds within seven days');
  expect(hits[0]).toMatchObject({ document_id: 'handbook', title: 'handbook', position: 0, page: 1 });

  const chunks = await api.get('/knowledge/documents/handbook/chunks');
  expect(chunks).toMatchObject({ status: 200, body: { index_version: 1, next_cursor: null, items: [{ position: 0, page: 1, start: 0 }] } });
  const original = await fetch(`${url}/handbook/file`, { headers: workspace });
  expect(Buffer.from(await original.arrayBuffer()).equals(handbook)).toBe(true);
  expect(original.headers.get('content-disposition')).toContain('attachment');
  expect((await fetch(`${url}/handbook/file`, { headers: { 'x-workspace-id': 'rival' } })).status).toBe(404);

  const nodes = [
    { id: 'start', type: 'start', config: {} },
    { id: 'find', type: 'knowledge-retrieval', config: { query_template: '{{ input.question }}', knowledge_base_id: 'shop', top_k: 1 } },
    {
      id: 'answer',
      type: 'answer',
      config: {
        answer:
          '{{ nodes.find.output.retrieved_documents.0.text }} [{{ nodes.find.output.retrieved_documents.0.title }}, p. {{ nodes.find.output.retrieved_documents.0.page }}]',
      },
    },
  ];
  const edges = [
    { source: 'start', target: 'find' },
    { source: 'find', target: 'answer' },
  ];
  await api.post('/workflows', { workflow_id: 'ask', code: 'ask', name: 'Ask', nodes, edges });
  await api.post('/workflows/ask/publish', {});
  const run = await api.post('/runtime/runs', { workflow_id: 'ask', input: { question: 'When do parcels leave?' } }, { prefer: 'wait=20' });
  expect(run.body).toMatchObject({ status: 'completed' });
  expect(JSON.stringify(run.body)).toMatch(/Parcels leave on Tuesdays[^]*\[handbook, p\. 1\]/);
});

test('DOCX, HTML, CSV and markdown, as a form and as they are', async () => {
  const made = await Promise.all([
    upload(docx('tables'), 'tables.docx'),
    raw('<html><body><nav>Home</nav><h1>Zebra</h1><p>Zebras are striped.</p></body></html>', 'text/html'),
    raw('name;price\nChair;10\nTable;90\n', 'text/csv', 'knowledge_base_id=shop&title=Prices&metadata=%7B%22year%22%3A2026%7D'),
    upload(Buffer.from('# Notes\n\nOtters hold hands.'), 'notes.md'),
  ]);
  const done = await Promise.all(made.map(({ body }) => settled(body.id)));
  expect(done).toMatchObject([
    { index_status: 'indexed', source_type: 'docx', title: 'tables' },
    { source_type: 'html', title: 'Raw' },
    { source_type: 'csv', title: 'Prices', metadata: { year: 2026 } },
    { source_type: 'markdown', title: 'notes' },
  ]);
  const chunks = await Promise.all(made.map(async ({ body }) => (await api.get(`/knowledge/documents/${body.id}/chunks`)).body.items));
  expect(chunks[0][0].text).toContain('| Top left | Top right |');
  expect(chunks[1]).toMatchObject([{ text: '# Zebra\n\nZebras are striped.', heading: 'Zebra' }]);
  expect((await search('chair price', { filters: { source_type: 'csv' } })).hits[0].text).toBe('name: Chair; price: 10\nname: Table; price: 90');
});

test('a PDF by its address; another file takes its place at once; its old file answers no more', async () => {
  const made = await api.post('/knowledge/documents', {
    knowledge_base_id: 'shop',
    title: 'By address',
    source_url: `http://127.0.0.1:${(pages.address() as AddressInfo).port}/x`,
  });
  const done = await settled(made.body.id);
  expect(done).toMatchObject({ index_status: 'indexed', source_type: 'pdf', pages: 3, file: { media_type: 'application/pdf' } });
  const only = { filters: { document_ids: [made.body.id] } };
  expect((await search('walrus desk', only)).hits).toHaveLength(1);
  const changed = await upload(Buffer.from('The giraffe desk opens at ten.'), 'new.txt', {}, `${url}/${made.body.id}`, 'PUT');
  expect(changed).toMatchObject({ status: 200, body: { source_type: 'text', source_url: null, file: { name: 'new.txt' }, index_version: 2 } });
  expect((await search('walrus desk', { ...only, read_after: changed.body.log.event_id })).hits.map(({ text }: { text: string }) => text).join()).not.toContain(
    'walrus',
  );
  await settled(made.body.id);
  expect((await search('giraffe desk', only)).hits[0].text).toBe('The giraffe desk opens at ten.');
});

test('original files go when no document needs them any more, and not before', async () => {
  const files = async () =>
    (await platform.base.pool.any(sql.type(Kept)`select convert_from(bytes, 'UTF8') as text from files.contents where workspace_id = 'files' order by 1`)).map(
      ({ text }) => text,
    );
  const at = createApi(platform.url, 'files');
  const form = (text: string, fields: object = {}) => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.set(name, value);
    made.set('file', new Blob([text]), 'a.txt');
    return made;
  };
  const add = (text: string, knowledge_base_id = 'kb') => at.post('/knowledge/documents', form(text, { knowledge_base_id }));
  await at.post('/knowledge/bases', { knowledge_base_id: 'kb', code: 'kb', name: 'KB' });
  const [one, two] = [await add('shared'), await add('shared')];
  const { file } = one.body;
  const three = await at.post('/knowledge/documents', { document_id: 'three', knowledge_base_id: 'kb', title: 'Three', file });
  for (const { body } of [one, two, three]) await expect.poll(async () => (await at.get(`/knowledge/documents/${body.id}`)).body.index_status).toBe('indexed');
  expect((await add('nobody wants it', 'no-base')).status).toBe(404);
  expect(await files()).toEqual(['shared']);

  await at.put(`/knowledge/documents/${one.body.id}`, form('another'));
  await at.delete(`/knowledge/documents/${two.body.id}`);
  expect(await files()).toContain('shared');
  expect((await at.get('/knowledge/documents/three/file')).body).toBe('shared');
  await at.delete('/knowledge/documents/three');
  await expect.poll(files).toEqual(['another']);
  await at.put(`/knowledge/documents/${one.body.id}`, { content_text: 'A text of its own.' });
  await expect.poll(files).toEqual([]);
});

test('a model orders what was found, where the search or the base wants it; the record says so', async () => {
  await api.post('/knowledge/bases', { knowledge_base_id: 'zoo', code: 'zoo', name: 'Zoo', rerank: { candidates: 5 } });
  const animals = ['lion', 'giraffe', 'otter'];
  const made = await Promise.all(
    animals.map((name, n) =>
      api.post('/knowledge/documents', {
        knowledge_base_id: 'zoo',
        title: name,
        content_text: `The ${name} is an animal.`,
        metadata: { name, legs: 4, tags: [name, 'zoo'], size: { cm: 100 * (n + 1) } },
      }),
    ),
  );
  for (const { body } of made) await settled(body.id);
  const zoo = (more: object) => search('lion animal', { knowledge_base_id: 'zoo', ...more });
  const reranked = await zoo({ top_k: 2 });
  expect(reranked.rerank).toEqual({ applied: true, model: expect.any(String), candidates: 3, reason: null });
  expect(reranked.hits.map(({ title, rerank_score }: { title: string; rerank_score: number }) => [title, rerank_score])).toEqual([
    ['giraffe', 0.9],
    ['lion', 0.2],
  ]);
  const record = await api.get(`/knowledge/retrievals/${reranked.retrieval_id}?read_after=${reranked.log.event_id}`);
  expect(record.body).toMatchObject({ rerank: { applied: true }, hits: [{ title: 'giraffe', rerank_score: 0.9, index_version: 1 }, { title: 'lion' }] });
  const scored = await zoo({ rerank: { method: 'rerank' } });
  expect(scored.rerank).toEqual({ applied: true, model: 'hash-v1', candidates: 3, reason: null });
  expect(scored.hits[0]).toMatchObject({ title: 'lion', rerank_score: expect.any(Number) });
  const plain = await zoo({ rerank: false });
  expect([plain.rerank, plain.hits[0].title]).toEqual([undefined, 'lion']);

  const byWords = await zoo({ rerank: false, query: 'otter', weights: { vector: 0, keyword: 1 } });
  expect(byWords).toMatchObject({ vector_search: 'none', hits: [{ title: 'otter', vector_score: null, score: 1 }] });
  expect(byWords.hits).toHaveLength(1);
  const weighed = await api.get(`/knowledge/retrievals/${byWords.retrieval_id}?read_after=${byWords.log.event_id}`);
  expect(weighed.body).toMatchObject({ weights: { vector: 0, keyword: 1 }, embedding: { space: 'none' } });

  const found = async (...where: object[]) =>
    (await zoo({ rerank: false, top_k: 5, filters: { where } })).hits.map(({ title }: { title: string }) => title).toSorted();
  expect(await found({ field: 'name', op: 'eq', value: 'otter' })).toEqual(['otter']);
  expect(await found({ field: 'name', op: 'ne', value: 'otter' })).toEqual(['giraffe', 'lion']);
  expect(await found({ field: 'size.cm', op: 'gt', value: 100 }, { field: 'size.cm', op: 'lte', value: 200 })).toEqual(['giraffe']);
  expect(await found({ field: 'size.cm', op: 'gt', value: 'a' })).toEqual([]);
  expect(await found({ field: 'name', op: 'in', value: ['lion', 'otter', 7] })).toEqual(['lion', 'otter']);
  expect(await found({ field: 'name', op: 'not_in', value: ['lion'] })).toEqual(['giraffe', 'otter']);
  expect(await found({ field: 'tags', op: 'contains', value: 'lion' })).toEqual(['lion']);
  expect(await found({ field: 'wings', op: 'exists', value: false })).toEqual(['giraffe', 'lion', 'otter']);
  expect(await found({ field: 'wings', op: 'exists' })).toEqual([]);
  expect(
    (await api.post('/knowledge/search', { knowledge_base_id: 'zoo', query: 'x', filters: { where: [{ field: 'a..b', op: 'like', value: 1 }] } })).status,
  ).toBe(400);
});

describe('what can’t be taken says why', () => {
  test.each([
    ['an unknown type', () => raw('x', 'image/png'), 415, 'media-type'],
    ['a lie', () => upload(Buffer.from('not a pdf at all'), 'lie.pdf'), 415, 'file-type'],
    ['a program', () => upload(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]), 'a.txt'), 415, 'file-type'],
    ['nothing', () => upload(Buffer.alloc(0), 'a.txt'), 400, 'file-empty'],
    ['an old Word file', () => upload(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'a.doc'), 400, 'file-encrypted'],
    ['too much', () => upload(Buffer.alloc(25_000_001, 'x'), 'a.txt'), 413, 'file-too-large'],
    ['no base', () => raw('x', 'text/plain', 'title=x'), 400, 'invalid-command'],
    ['an unknown base', () => raw('x', 'text/plain', 'title=x&knowledge_base_id=none'), 404, 'knowledge-base-not-found'],
    ['bad metadata', () => raw('x', 'text/plain', 'title=x&knowledge_base_id=shop&metadata=no'), 400, 'bad-form'],
    ['a wrong type', () => raw('x', 'text/plain', 'title=x&knowledge_base_id=shop&source_type=mp3'), 400, 'bad-form'],
    [
      'a PDF as text',
      () => api.post('/knowledge/documents', { knowledge_base_id: 'shop', title: 'x', source_type: 'pdf', content_text: 'x' }),
      400,
      'document-source',
    ],
  ])('%s', async (_what, send, status, code) => {
    const answer = await send();
    expect(answer).toMatchObject({ status, body: { code } });
    if (code !== 'knowledge-base-not-found')
      expect(answer.body.errors[0]).toMatchObject({ field: expect.any(String), rule: expect.any(String), remedy: expect.any(String) });
  });

  test('also when it is found out later', async () => {
    const cases = [
      ['secret.pdf', makePdf([['x']], { encrypted: true }), 'file-encrypted'],
      ['half.pdf', handbook.subarray(0, 300), 'file-damaged'],
      ['half.docx', docx('tables').subarray(0, 5000), 'file-damaged'],
      ['scan.pdf', makePdf([[]]), 'file-no-text'],
      ['latin.txt', Buffer.from([0x47, 0xfc, 0x6e]), 'file-encoding'],
    ] as const;
    const made = await Promise.all(cases.map(([name, bytes]) => upload(bytes, name)));
    const done = await Promise.all(made.map(({ body }) => settled(body.id)));
    expect(done).toMatchObject(
      cases.map(([, , code]) => ({ index_status: 'failed', index_error: { code, message: expect.stringMatching(/^file: .+; .+\.$/) } })),
    );
  });

  test('a file of another workspace is a file of nobody', async () => {
    const rival = createApi(platform.url, 'rival');
    await rival.post('/knowledge/bases', { knowledge_base_id: 'shop', code: 'shop', name: 'Shop' });
    const { file } = (await api.get('/knowledge/documents/handbook')).body;
    const { body } = await rival.post('/knowledge/documents', { knowledge_base_id: 'shop', title: 'x', source_type: 'pdf', file });
    await expect.poll(async () => (await rival.get(`/knowledge/documents/${body.id}`)).body.index_error?.code).toBe('file-missing');
    expect((await rival.get(`/knowledge/documents/${body.id}/file`)).status).toBe(404);
  });
});
