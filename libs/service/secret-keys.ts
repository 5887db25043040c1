import { randomBytes } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { createSecrets, type Secrets } from '@agent-platform/kernel/secrets';

const BYTES = 32;
const Key = z.object({ key: z.string() });

/**
 * The secrets of the platform. Its key lies in the database, where the first process puts it, so that nothing has to be
 * configured; a key of the operator's beside it seals from then on, and what was sealed before still opens.
 */
export async function openSecrets(pool: DatabasePool, ofOperator: string | undefined): Promise<Secrets> {
  const own = Buffer.from((await storedKey(pool)) ?? (await createKey(pool)), 'hex');
  return ofOperator === undefined ? createSecrets([own]) : createSecrets([Buffer.from(ofOperator), own]);
}

async function storedKey(pool: DatabasePool): Promise<string | null> {
  const there = await pool.oneFirst(sql.type(z.object({ there: z.boolean() }))`select to_regclass('platform.secret_key') is not null as there`);
  if (!there) return null;
  return (await pool.maybeOne(sql.type(Key)`select key from platform.secret_key`))?.key ?? null;
}

/** Processes may start side by side: the first one's key is everybody's. */
async function createKey(pool: DatabasePool): Promise<string> {
  return pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('platform.secret_key'))`);
    await db.query(sql.unsafe`create schema if not exists platform`);
    await db.query(sql.unsafe`
      create table if not exists platform.secret_key (
        only_one boolean primary key default true check (only_one), key text not null, created_at timestamptz not null default now()
      )`);
    await db.query(sql.unsafe`insert into platform.secret_key (key) values (${randomBytes(BYTES).toString('hex')}) on conflict do nothing`);
    return (await db.one(sql.type(Key)`select key from platform.secret_key`)).key;
  });
}
