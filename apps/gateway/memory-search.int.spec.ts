import fc from 'fast-check';
import { sql, type DatabasePool } from 'slonik';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { withFallback } from '@agent-platform/adapter-embedding-http/index';
import { startPglite } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import { startNativePostgres } from '@agent-platform/event-log/testing/native-postgres';
import { Failure } from '@agent-platform/kernel/index';
import { memoryFeature } from '@agent-platform/memory/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { ensureReadModels, liveSchema } from '@agent-platform/runtime/read-models';
import { openVectorCache, type VectorStorage } from '@agent-platform/runtime/vector-cache';
import { createMemorySearch } from './memory-search.ts';

const table = sql.identifier([liveSchema('memory'), 'memories']);
const signal = new AbortController().signal;
const local = createHashEmbedding();
const search = { query: 'green tea', scope_type: 'user', scope_id: 'u', limit: 100, weights: { keyword: 0.45, vector: 0.4, importance: 0.15 } } as const;
const WORDS = ['green', 'tea', 'parcel', 'invoice', 'morning', 'refund', 'a', 'of', 'teapot', 'greenhouse'];
const TEXTS = Array.from({ length: 120 }, (_, n) => [n, n * 3, n * 7 + 1, n * n].map((at) => WORDS[at % WORDS.length]).join(' ') + ` ${n}`);

/** An embedding of two dimensions under a name, which can be away, and remembers what it was asked. */
function provider(model: string) {
  const asked: string[][] = [];
  const state = { away: false };
  const port: EmbeddingPort = {
    async embed(texts) {
      if (state.away) throw new Failure('transient', 'embedding-unreachable', 'away');
      asked.push([...texts]);
      return { vectors: texts.map((text) => (text.includes('tea') ? [1, 0] : [0, 1])), space: { provider: 'http', model, dimensions: 2 } };
    },
  };
  return { port, asked, state };
}

async function start(kind: 'pglite' | 'native'): Promise<{ readonly url: string; stop(): Promise<unknown> }> {
  if (kind === 'native') return startNativePostgres();
  const { databaseUrl: url, stop } = await startPglite();
  return { url, stop };
}

describe.each(['pglite', 'native'] as const)('search on %s', (kind) => {
  let server: Awaited<ReturnType<typeof start>>;
  let pool: DatabasePool;
  beforeAll(async () => {
    server = await start(kind);
    pool = await openPool(server.url, { connections: 1 });
    await ensureReadModels(pool, memoryFeature.projections);
    const lines = TEXTS.map((text, n) => ({ text, n }));
    await pool.query(sql.unsafe`
      insert into ${table}
      select 'acme', 'm' || n, 'user', 'u', case when n % 2 = 0 then 'even' else 'odd' end, text, n % 100, '{}', 'active', null, null, 'test', null, 1, now(), now()
      from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as t (text text, n integer)`);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  beforeEach(() => pool.query(sql.unsafe`drop schema if exists vectors cascade`));

  const searchWith = async (embedding: EmbeddingPort, storage?: VectorStorage) => {
    const vectors = await openVectorCache(pool, storage ? { storage } : {});
    return createMemorySearch({ pool, embedding, vectors });
  };

  test('vectors lie in pgvector where Postgres has it', async () => {
    expect((await openVectorCache(pool)).storage).toBe(kind === 'pglite' ? 'pgvector' : 'array');
    expect((await openVectorCache(pool)).storage).toBe(kind === 'pglite' ? 'pgvector' : 'array');
  });

  test.skipIf(kind === 'native')('both storages find the same, with the same scores', async () => {
    for (const query of ['green tea', 'a refund of the greenhouse', 'nothing of that', TEXTS[17] ?? '']) {
      const [one, other] = [await searchWith(local, 'pgvector'), await searchWith(local, 'array')];
      const found = await one('acme', { ...search, query }, signal);
      const same = await other('acme', { ...search, query }, signal);
      expect(found.items).toHaveLength(100);
      expect(same.items.map(({ id }) => id)).toEqual(found.items.map(({ id }) => id));
      // pgvector adds up in single precision.
      for (const [at, { vector_score }] of same.items.entries()) expect(vector_score).toBeCloseTo(found.items[at]?.vector_score ?? -1, 4);
    }
  });

  test('each text is embedded once, and again when the model is another', async () => {
    const [first, second] = [provider('a'), provider('b')];
    const found = await (await searchWith(first.port))('acme', search, signal);
    expect(found).toMatchObject({ embedding: { provider: 'http', model: 'a', dimensions: 2, missing: 0 } });
    expect(first.asked.flat()).toHaveLength(TEXTS.length + 1);
    await (
      await searchWith(first.port)
    )('acme', search, signal);
    expect(first.asked.flat()).toHaveLength(TEXTS.length + 2);
    await (
      await searchWith(second.port)
    )('acme', search, signal);
    expect(second.asked.flat()).toHaveLength(TEXTS.length + 1);
    await (
      await searchWith(first.port)
    )('acme', search, signal);
    expect(first.asked.flat()).toHaveLength(TEXTS.length + 3);
  });

  test('while a provider is away the local embedding stands in, and vectors of the two are never compared', async () => {
    const { port, state } = provider('a');
    const find = await searchWith(withFallback({ name: 'http', embedding: port }, { name: 'hash', embedding: local }));
    await find('acme', search, signal);
    state.away = true;
    const found = await find('acme', { ...search, query: TEXTS[5] ?? '' }, signal);
    expect(found.embedding).toMatchObject({ provider: 'local', missing: 0, fallback: { code: 'embedding-unreachable' } });
    expect(found.items[0]).toMatchObject({ content_text: TEXTS[5], vector_score: 1 });
    state.away = false;
    expect((await find('acme', search, signal)).embedding).toMatchObject({ provider: 'http', missing: 0 });
  });

  test('without a stand-in the search fails as the provider did', async () => {
    const { port, state } = provider('a');
    state.away = true;
    await expect((await searchWith(port))('acme', search, signal)).rejects.toMatchObject({ code: 'embedding-unreachable', kind: 'transient' });
  });

  test('vectors that nobody asks for go after a month, and the oldest when there are too many; a search keeps its own', async () => {
    const vectors = await openVectorCache(pool, { cleanEveryMs: 0, most: TEXTS.length + 3 });
    const stored = sql.identifier(['vectors', `of_texts_${vectors.storage}`]);
    const kept = () => pool.oneFirst(sql.type(z.object({ count: z.number() }))`select count(*)::float8 as count from ${stored}`);
    const find = createMemorySearch({ pool, embedding: local, vectors });
    await find('acme', search, signal);
    await vectors.save('acme', 'old', ['a', 'b'], [[1], [1]]);
    await pool.query(sql.unsafe`update ${stored} set used_on = current_date - 40`);
    await find('acme', search, signal);
    await vectors.save('acme', 'new', ['a'], [[1]]);
    expect(await kept()).toBe(TEXTS.length + 1);
    await pool.query(sql.unsafe`update ${stored} set used_on = current_date - 1 where space = 'new'`);
    await vectors.save('rival', 'new', ['b', 'c', 'd'], [[1], [1], [1]]);
    expect(await kept()).toBe(TEXTS.length + 3);
    const found = await find('acme', search, signal);
    expect(found.embedding.missing).toBe(0);
    expect(found.items[0]?.created_at).toMatch(/^\d{4}-.*\.\d{3}Z$/);
  });

  test('what could not be embedded is found by its words, and counted', async () => {
    const { port } = provider('a');
    let calls = 0;
    const flaky: EmbeddingPort = { embed: (texts, options) => (++calls === 1 ? port : local).embed(texts, options) };
    const found = await (await searchWith(flaky))('acme', { ...search, limit: 3 }, signal);
    expect(found.embedding).toMatchObject({ provider: 'http', missing: TEXTS.length });
    expect(found.items.map(({ keyword_score, vector_score }) => [keyword_score > 0.6, vector_score])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
    ]);
  });

  test('a text that the provider refuses leaves the others alone', async () => {
    const { port } = provider('a');
    const bad = TEXTS.slice(0, 3);
    const picky: EmbeddingPort = {
      embed: async (texts, options) => {
        if (texts.some((text) => bad.includes(text))) throw new Failure('invalid', 'embedding-refused', 'no');
        return port.embed(texts, options);
      },
    };
    const find = await searchWith(picky);
    // A search gives up embedding after two seconds, and the next one goes on: on a busy machine it takes several.
    let missing = TEXTS.length;
    for (let searches = 0; missing > 3 && searches < 20; searches++) missing = (await find('acme', search, signal)).embedding.missing;
    expect(missing).toBe(3);
    const found = await find('acme', { ...search, query: bad[0] ?? '' }, signal).catch((error: unknown) => error);
    expect(found).toMatchObject({ code: 'embedding-refused' });
  });

  test('whatever is remembered for whom, a search sees its own scope and all of it', async () => {
    const scopes = fc.record({
      workspace_id: fc.constantFrom('w1', 'w2'),
      scope_type: fc.constantFrom('user' as const, 'session' as const, 'agent' as const, 'team' as const),
      scope_id: fc.constantFrom('1', '2', '1/user', '%'),
    });
    const memory = fc.record({ scope: scopes, status: fc.constantFrom('active', 'revoked', 'expired'), over: fc.boolean(), text: fc.constantFrom(...WORDS) });
    const find = await searchWith(local);
    await fc.assert(
      fc.asyncProperty(fc.array(memory, { maxLength: 30 }), scopes, async (memories, { workspace_id, scope_type, scope_id }) => {
        await pool.query(sql.unsafe`delete from ${table} where workspace_id in ('w1', 'w2')`);
        const rows = memories.map(({ scope, status, over, text }, id) => ({ ...scope, status, over, text, id }));
        await pool.query(sql.unsafe`
          insert into ${table}
          select workspace_id, id, scope_type, scope_id, 'note', text, 50, '{}', status, null, null, 'test', case when over then now() end, 1, now(), now()
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
            as t (workspace_id text, id text, scope_type text, scope_id text, status text, over boolean, text text)`);
        const own = rows.filter(
          (row) => row.workspace_id === workspace_id && row.scope_type === scope_type && row.scope_id === scope_id && row.status === 'active' && !row.over,
        );
        const found = await find(workspace_id, { ...search, scope_type, scope_id }, signal);
        expect(found.items.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => `${id}`).toSorted());
      }),
      { numRuns: 30 },
    );
  });

  test('only the wanted type is found', async () => {
    const { items } = await (await searchWith(local))('acme', { ...search, memory_type: 'odd' }, signal);
    expect(items).toHaveLength(60);
    expect(new Set(items.map(({ memory_type }) => memory_type))).toEqual(new Set(['odd']));
    expect((await (await searchWith(local))('other', search, signal)).items).toEqual([]);
  });
});
