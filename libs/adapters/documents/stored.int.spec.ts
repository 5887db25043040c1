import { openKnowledgeTables } from '@agent-platform/adapter-knowledge/testing/knowledge-tables';
import { documentFeature } from '@agent-platform/document/index';
import { createTemporaryFolder, type RunningPostgres, startNativePostgres } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import { logged } from '@agent-platform/kernel/testing/tables-of';
import { knowledgeBaseFeature } from '@agent-platform/knowledge-base/index';
import { ProjectionWriter } from '@agent-platform/runtime/project';
import { type DatabasePool, sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createList } from './base.documents.ts';
import { createFileStore } from './index.ts';

let server: RunningPostgres;
let pool: DatabasePool;
beforeAll(async () => {
  server = await startNativePostgres({ dataDir: createTemporaryFolder('documents-').path });
  pool = await openPool(server.databaseUrl);
  await openKnowledgeTables(pool);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

describe('files', () => {
  const all = { except: null, before: null };
  const store = () => createFileStore(() => pool);
  const isThere = (sha256: string, workspace = 'acme') =>
    store()
      .load(workspace, sha256)
      .then(
        () => true,
        () => false,
      );

  test('stay while somebody holds them, and go with the last holder', async () => {
    const { keep, hold, release } = store();
    const bytes = Buffer.from('shared');
    const sha256 = await keep('acme', 'a', bytes);
    expect(await keep('acme', 'b', bytes)).toBe(sha256);
    await hold('acme', 'c', sha256);
    await keep('rival', 'a', bytes);
    for (const holder of ['a', 'a', 'b']) await release('acme', holder, all);
    expect(await isThere(sha256)).toBe(true);
    await release('acme', 'c', all);
    expect([await isThere(sha256), await isThere(sha256, 'rival')]).toEqual([false, true]);
    await expect(hold('acme', 'd', sha256)).rejects.toMatchObject({ kind: 'missing', code: 'file-missing' });
  });

  test('all but the one that is needed, and none that was taken later', async () => {
    const { keep, release } = store();
    const [old, current, other] = [await keep('acme', 'doc', Buffer.from('1')), await keep('acme', 'doc', Buffer.from('2')), Buffer.from('3')];
    const { now } = await pool.one(sql.type(z.object({ now: z.string() }))`select clock_timestamp()::text as now`);
    const later = await keep('acme', 'doc', other);
    await release('acme', 'doc', { except: current, before: now });
    expect([await isThere(old), await isThere(current), await isThere(later)]).toEqual([false, true, true]);
  });

  test('of an upload whose gateway died go with a later one', async () => {
    const { keep } = store();
    const sha256 = await keep('acme', 'upload/1', Buffer.from('left behind'));
    await keep('acme', 'upload/2', Buffer.from('another'));
    expect(await isThere(sha256)).toBe(true);
    await pool.query(sql.unsafe`update files.holders set held_at = now() - interval '2 hours' where holder = 'upload/1'`);
    await keep('acme', 'upload/3', Buffer.from('a third'));
    expect(await isThere(sha256)).toBe(false);
  });

  test('are never without their bytes, whoever takes and lets go at once', async () => {
    const { keep, hold, release } = store();
    const bytes = Buffer.from('contended');
    const sha256 = await keep('acme', 'h0', bytes);
    const work = async (holder: string) => {
      for (let turn = 0; turn < 8; turn++) {
        await keep('acme', holder, bytes);
        expect(await isThere(sha256)).toBe(true);
        await release('acme', holder, all);
        await hold('acme', `${holder}-late`, sha256).then(
          () => release('acme', `${holder}-late`, all),
          () => undefined,
        );
      }
    };
    await Promise.all(['h1', 'h2', 'h3', 'h4'].map(work));
    expect(await isThere(sha256)).toBe(true);
    await release('acme', 'h0', all);
    expect(await isThere(sha256)).toBe(false);
  });
});

test('a reindex waits for the documents that were added before it', async () => {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never;
  const writer = new ProjectionWriter(pool, 'live', quiet);
  const chunking = { max_chars: 1000, overlap_chars: 150 };
  const source = { source_type: 'text', source_url: null, content_text: 'x', metadata: {} };
  const document = { type: 'document.created', data: { knowledge_base_id: 'kb', title: 'T', ...source, chunking, index_version: 1 } };
  const events = [
    logged({ type: 'knowledge_base.created', data: { code: 'kb', name: 'KB', description: null, chunking } }, { stream_id: 'kb', version: 1 }),
    logged(document, { stream_id: 'early', version: 2 }),
    logged({ type: 'knowledge_base.reindex_requested', data: { reindex_id: 'r1' } }, { stream_id: 'kb', version: 3 }),
  ];
  const page = { workspace_id: 'acme', knowledge_base_id: 'kb', reindex_id: 'r1', after: null, limit: 10 };
  const list = createList(() => pool);
  const listed = list(page, { signal: new AbortController().signal });
  await writer.apply(knowledgeBaseFeature.projections, 0, events);
  const behind = new AbortController();
  const late = list(page, { signal: behind.signal });
  behind.abort();
  await expect(late).rejects.toMatchObject({ kind: 'transient', code: 'reindex-behind' });
  await writer.apply(documentFeature.projections, 0, events);
  expect(await listed).toEqual(['early']);
});
