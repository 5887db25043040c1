import { randomBytes } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { createSecrets, type Secrets } from '@agent-platform/kernel/secrets';
import { roleKeyOf } from './role-key.ts';

const BYTES = 32;
const Key = z.object({ key: z.string() });

/** What the keys of this platform open and prove. */
export interface PlatformKeys {
  readonly secrets: Secrets;
  /** Of the roles: signs what they send each other. */
  readonly roleKey: Uint8Array;
}

/** Of operators, who may leave them out. */
interface OperatorKeys {
  readonly secrets: string | undefined;
  readonly roles: string | undefined;
}

/**
 * The keys of the platform. Its own lies in the database, where the first process puts it, so that nothing has to be
 * configured; a key of the operator's beside it seals from then on, and what was sealed before still opens.
 */
export async function openKeys(pool: DatabasePool, ofOperator: OperatorKeys): Promise<PlatformKeys> {
  const own = Buffer.from((await storedKey(pool)) ?? (await createKey(pool)), 'hex');
  return {
    secrets: ofOperator.secrets === undefined ? createSecrets([own]) : createSecrets([Buffer.from(ofOperator.secrets), own]),
    roleKey: roleKeyOf(ofOperator.roles ?? own),
  };
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
