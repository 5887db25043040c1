import { fromSql, toSql } from 'pgvector';
import { createPool, sql, type DatabasePool } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startPglite } from './pglite.server.ts';
import type { RunningPostgres } from './running.server.ts';

let server: RunningPostgres;
let pool: DatabasePool;

const ARTICLES = { refunds: [0.9, 0.1, 0], shipping: [0.1, 0.9, 0.1], passwords: [0, 0.1, 0.9] };
const Article = z.object({ name: z.string(), embedding: z.string() });

beforeAll(async () => {
  server = await startPglite();
  pool = await createPool(server.databaseUrl);
  await pool.query(sql.unsafe`create extension if not exists vector`);
  await pool.query(sql.unsafe`create table articles (name text primary key, embedding vector(3) not null)`);
  await pool.query(sql.unsafe`create index on articles using hnsw (embedding vector_cosine_ops)`);
  for (const [name, embedding] of Object.entries(ARTICLES)) {
    await pool.query(sql.unsafe`insert into articles values (${name}, ${toSql(embedding)}::vector)`);
  }
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

describe('vectors on PGlite, over slonik', () => {
  it('finds the nearest neighbours of a vector, the nearest first', async () => {
    const question = toSql([0.8, 0.3, 0]);
    const nearest = sql.type(Article)`select name, embedding::text from articles order by embedding <=> ${question}::vector limit 2`;
    const found = await pool.any(nearest);
    expect(found.map(({ name }) => name)).toEqual(['refunds', 'shipping']);
    expect(found.map(({ embedding }) => fromSql(embedding))).toEqual([ARTICLES.refunds, ARTICLES.shipping]);
  });

  it('refuses a vector of another length', async () => {
    const short = pool.query(sql.unsafe`insert into articles values ('short', ${toSql([1, 2])}::vector)`);
    await expect(short).rejects.toThrow('expected 3 dimensions, not 2');
  });
});
