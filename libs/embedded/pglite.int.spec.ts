import pg from 'pg';
import { createPool, sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startPglite } from './pglite.server.ts';
import type { RunningPostgres } from './running.server.ts';

let server: RunningPostgres;

beforeAll(async () => {
  server = await startPglite();
}, 60_000);

afterAll(async () => {
  await server.stop();
});

const connected = async (): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  return client;
};

describe('PGlite behind the shared session', () => {
  it('has pgvector', async () => {
    const client = await connected();
    await client.query('create extension if not exists vector');
    const { rows } = await client.query("select '[1,2]'::vector <-> '[1,5]'::vector as distance");
    expect(rows).toEqual([{ distance: 3 }]);
    await client.end();
  });

  it('keeps the prepared statements of connections apart, though they have the same name', async () => {
    const pool = new pg.Pool({ connectionString: server.databaseUrl, max: 8 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, value) =>
        pool.query({ name: 'same', text: 'select $1::int as value', values: [value] }).then(({ rows }) => rows[0]?.value as number),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, value) => value));
    await pool.end();
    // A later connection prepares the name anew, with another text.
    const client = await connected();
    expect((await client.query({ name: 'same', text: 'select 5 as other' })).rows).toEqual([{ other: 5 }]);
    await client.end();
  });

  it('keeps transactions whole: others wait for the end of one', async () => {
    const [one, two] = [await connected(), await connected()];
    await one.query('create table kept_whole (a int)');
    await one.query('begin');
    await one.query('insert into kept_whole values (1)');
    let answered = false;
    const count = two.query('select count(*)::int as n from kept_whole').then(({ rows }) => {
      answered = true;
      return rows;
    });
    await one.query('insert into kept_whole values (2)');
    expect(answered).toBe(false);
    await one.query('rollback');
    expect(await count).toEqual([{ n: 0 }]);
    await Promise.all([one.end(), two.end()]);
  });

  it('rolls back what a vanished client left open, even in a failed pipeline', async () => {
    const [one, two] = [await connected(), await connected()];
    await one.query('create table left_open (a int)');
    await one.query('begin');
    await one.query('insert into left_open values (1)');
    await expect(one.query('select 1 / $1::int', [0])).rejects.toThrow('division by zero');
    one.on('error', () => undefined);
    (one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect((await two.query('select count(*)::int as n from left_open')).rows).toEqual([{ n: 0 }]);
    await two.end();
  });

  it('serves a slonik pool: concurrent transactions, errors and resets between', async () => {
    const pool = await createPool(server.databaseUrl, { maxPoolSize: 6 });
    const Row = z.object({ n: z.number() });
    await pool.query(sql.unsafe`create table counted (n int not null)`);
    await pool.query(sql.unsafe`insert into counted values (0)`);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) =>
        pool.transaction(async (tx) => {
          const { n } = await tx.one(sql.type(Row)`select n from counted`);
          await tx.query(sql.unsafe`update counted set n = ${n + 1}`);
          if (i % 3 === 0) throw new Error('undo');
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await pool.one(sql.type(Row)`select n from counted`)).toEqual({ n: 20 });
    await pool.end();
  });

  it('refuses another database name instead of mixing data', async () => {
    const client = new pg.Client({ connectionString: server.databaseUrl.replace(/postgres$/, 'other') });
    await expect(client.connect()).rejects.toThrow('database "other" does not exist');
  });
});
