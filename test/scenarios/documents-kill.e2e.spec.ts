import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { sql } from 'slonik';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

/** Executors as processes of their own that are killed while a provider of embeddings has a batch in hand. */
const LONG = Array.from({ length: 300 }, (_, n) => `# Clause ${n}\n\n${`Clause number ${n} speaks of parcels for region ${n}. `.repeat(8)}`).join('\n\n');
/** More than one page of a reindex, together with the long one. */
const SMALL = 101;

const Count = z.object({ count: z.number() });

const folder = mkdtempSync(path.join(tmpdir(), 'documents-kill-'));
let provider: Server;
let platform: TestPlatform;
let user: User;
let api: Api;
/** Told when the provider holds a batch that has this text back; it answers none that has it before `release`. */
let hold: { readonly text: string; readonly held: () => void } | null = null;

beforeAll(async () => {
  provider = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: string[] };
      if (hold && input.some((text) => text.includes(hold?.text ?? ''))) return hold.held();
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1, index] }));
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', model: 'one', data }));
    });
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  platform = await startTestPlatform({ env: embedding() });
  await platform.stop('executor');
  user = await createUser(platform);
  api = createApi(platform.url, user.workspace);
  await api.post('/knowledge/bases', { knowledge_base_id: 'kb', code: 'kb', name: 'KB', chunking: { max_chars: 500, overlap_chars: 50 } });
});
afterAll(async () => {
  await user.close();
  await platform.close();
  provider.closeAllConnections();
  provider.close();
  rmSync(folder, { recursive: true, force: true });
});

const embedding = () => ({
  AGENT_PLATFORM_EMBEDDING_PROVIDER: 'http',
  AGENT_PLATFORM_EMBEDDING_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
  AGENT_PLATFORM_EMBEDDING_MODEL: 'one',
});

const start = (name: string, more: Readonly<Record<string, string>> = {}): RoleProcess =>
  startProcess(
    'apps/executor/main.ts',
    {
      AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl,
      AGENT_PLATFORM_NATS_URL: platform.natsUrl,
      AGENT_PLATFORM_WORKER_KEY: name,
      AGENT_PLATFORM_LEASE_SECONDS: '2',
      AGENT_PLATFORM_LOG_LEVEL: 'info',
      ...embedding(),
      ...more,
    },
    path.join(folder, `${name}.log`),
  );

/** Runs an executor until the provider holds a batch with this text, and kills it then. */
async function killAt(text: string, name: string, work: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  const held = new Promise<void>((resolve) => (hold = { text, held: resolve }));
  const executor = start(name);
  await work();
  await held;
  executor.signal('SIGKILL');
  expect(await executor.exited).toBe('SIGKILL');
  hold = null;
}

/** All chunks of an index, as they are listed. */
async function chunksOf(id: string, after: EventEnvelope): Promise<{ position: number; text: string; index_version: number }[]> {
  const first = await api.get(`/knowledge/documents/${id}/chunks?limit=200&read_after=${after.id}`);
  const second = await api.get(`/knowledge/documents/${id}/chunks?limit=500&cursor=${first.body.next_cursor}`);
  expect(second.body.next_cursor).toBeNull();
  return [...first.body.items, ...second.body.items];
}

const embeddedPositions = (id: string, version: number): number[] =>
  user
    .seen(id)
    .filter(({ type, data }) => type === 'document.chunks_embedded' && data['index_version'] === version)
    .flatMap(({ data }) => (data['chunks'] as { position: number }[]).map(({ position }) => position));

const files = async (): Promise<number> => (await platform.base.pool.one(sql.type(Count)`select count(*)::int as count from files.contents`)).count;

test('indexing and reindexing go on after SIGKILL: no chunk is lost, none is there twice, and the old index answers until the new one is whole', async () => {
  await api.post('/knowledge/documents', { document_id: 'terms', knowledge_base_id: 'kb', title: 'Terms', source_type: 'markdown', content_text: LONG });
  const form = new FormData();
  for (const [name, value] of [
    ['knowledge_base_id', 'kb'],
    ['document_id', 'original'],
  ] as const)
    form.set(name, value);
  form.set('file', new Blob(['The original.']), 'original.txt');
  await api.post('/knowledge/documents', form);
  await killAt('Clause number 150 ', 'first');
  const { id } = await user.event('terms', 'document.step_started', ({ from }) => from === 128);
  const half = (await api.get(`/knowledge/documents/terms?read_after=${id}`)).body;
  expect(half).toMatchObject({ index_status: 'indexing', search_version: 0, chunks_done: 128 });
  const second = start('second');
  const chunks = await chunksOf('terms', await user.event('terms', 'document.indexed'));
  expect(chunks.map(({ position }) => position)).toEqual(chunks.map((_, at) => at));
  expect(chunks.length).toBeGreaterThanOrEqual(300);
  expect(chunks.at(-1)?.text).toContain('Clause number 299');
  await user.event('original', 'document.indexed');
  second.signal('SIGTERM');
  await second.exited;

  await api.delete('/knowledge/documents/original');
  // It dies between the event that lets go of the file and the deed.
  expect(await start('armed', { AGENT_PLATFORM_CRASH_POINT: 'executor.after-append' }).exited).toBe('SIGKILL');
  await user.event('original', 'document.release_started');
  expect(await files()).toBe(1);

  const small = Array.from({ length: SMALL }, (_, n) => `small-${n}`);
  await Promise.all(
    small.map((document_id) =>
      api.post('/knowledge/documents', { document_id, knowledge_base_id: 'kb', title: document_id, content_text: `About ${document_id}.` }),
    ),
  );
  const progress = async () => (await api.get('/knowledge/bases/kb/reindex')).body;
  let asked: { body: { log: { event_id: string } } } | undefined;
  await killAt('Clause number 200 ', 'third', async () => {
    await Promise.all(small.map((id) => user.event(id, 'document.indexed')));
    asked = await api.post('/knowledge/bases/kb/reindex', {});
    // Every document has been asked, in pages; the provider holds back the long one, so none of this is over.
    await expect.poll(async () => (await progress()).status).toBe('indexing');
  });
  expect(await progress()).toMatchObject({ status: 'indexing', documents: SMALL + 1 });
  const { hits } = (await api.post('/knowledge/search', { knowledge_base_id: 'kb', query: 'clause number 299', filters: { document_ids: ['terms'] } })).body;
  expect(hits[0]).toMatchObject({ document_id: 'terms', index_version: 1 });

  const last = start('last');
  await expect.poll(async () => (await progress()).status).toBe('done');
  expect(await progress()).toMatchObject({ indexed: SMALL + 1, failed: 0, under_way: 0, embedding_spaces: [expect.stringContaining('/one/3')] });
  const again = await chunksOf('terms', await user.event('terms', 'document.indexed', ({ index_version }) => index_version === 2));
  expect(again.map(({ text }) => text)).toEqual(chunks.map(({ text }) => text));
  expect(new Set(again.map(({ index_version }) => index_version))).toEqual(new Set([2]));
  for (const id of small) expect(user.seen(id).filter(({ type }) => type === 'document.reindex_requested')).toHaveLength(1);
  for (const version of [1, 2]) expect(embeddedPositions('terms', version)).toEqual(chunks.map((_, at) => at));
  expect(asked).toMatchObject({ status: 202 });
  await user.event('original', 'document.files_released');
  expect(await files()).toBe(0);
  last.signal('SIGTERM');
  await last.exited;
});
