import { type KeyObject, randomBytes } from 'node:crypto';
import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { createSecrets, keyId, type Secrets, unwrapKey, wrapKey } from '@agent-platform/kernel/secrets';
import { roleKeyOf } from './role-key.ts';

/*
 * An envelope: what seals secrets are data keys, which lie in the database, each under the key of the operator (or in the
 * clear as long as there is none). Changing the operator's key changes the envelope and nothing that was sealed: a process
 * that is given the new key and the old one puts the data keys under the new one; once a process is given the new one
 * alone, what lay under the old one is deleted. A process that is given another key does not start; one that is given
 * none starts without secrets, as most roles should.
 */

const BYTES = 32;
/** Wrapped by nobody. */
const CLEAR = '';
/** The key of the roles lies beside those of secrets, in the clear: it signs what is said inside, and keeps nothing. */
const ROLES = -1;
const Row = z.object({ key_id: z.string(), wrapped_by: z.string(), key: z.string(), ordinal: z.int() });
type Row = z.output<typeof Row>;

/** What the keys of this platform open and prove. */
export interface PlatformKeys {
  /** Absent where the operator has a key that this process was not given. */
  readonly secrets?: Secrets;
  /** Of the roles: signs what they send each other. */
  readonly roleKey: KeyObject;
}

/** Of operators, who may leave them out. */
interface OperatorKeys {
  readonly secrets: string | undefined;
  /** Keys that `secrets` takes the place of. */
  readonly old?: readonly string[];
  readonly roles: string | undefined;
}

/** Opens the envelope, and changes it when the operator's key is another one than before. Throws Failure('invalid', 'bad-config'). */
export async function openKeys(pool: DatabasePool, ofOperator: OperatorKeys): Promise<PlatformKeys> {
  const envelope = new Envelope(ofOperator.secrets, ofOperator.old ?? []);
  let stored = await storedRows(pool);
  if (!envelope.isSettled(stored) && !envelope.isLocked(stored)) stored = await settle(pool, envelope, ofOperator.secrets);
  const roleKey = roleKeyOf(ofOperator.roles ?? Buffer.from(stored.find(({ ordinal }) => ordinal === ROLES)?.key ?? '', 'hex'));
  return { roleKey, ...(!envelope.isLocked(stored) && { secrets: createSecrets(envelope.open(stored)) }) };
}

type Keys = readonly [Uint8Array, ...Uint8Array[]];

/** The operator's keys, and what they make of what is stored. */
class Envelope {
  readonly #masters: ReadonlyMap<string, Uint8Array>;
  /** Name of the key that data keys have to lie under. */
  readonly current: string;

  constructor(current: string | undefined, old: readonly string[]) {
    const given = [...(current === undefined ? [] : [current]), ...old].map((text) => Buffer.from(text));
    this.#masters = new Map(given.map((key) => [keyId(key), key]));
    this.current = current === undefined ? CLEAR : keyId(Buffer.from(current));
  }

  /** Every data key lies under the current key, and none under one that nobody gives any more. */
  isSettled(all: readonly Row[]): boolean {
    const rows = all.filter(({ ordinal }) => ordinal !== ROLES);
    const ids = new Set(rows.map(({ key_id }) => key_id));
    const current = rows.filter(({ wrapped_by }) => wrapped_by === this.current);
    return all.length > rows.length && current.length > 0 && current.length === ids.size && rows.every(({ wrapped_by }) => this.isGiven(wrapped_by));
  }

  /** There is a key of the operator, and this process was given none. */
  isLocked(rows: readonly Row[]): boolean {
    const keys = rows.filter(({ ordinal }) => ordinal !== ROLES);
    return this.#masters.size === 0 && keys.length > 0 && keys.every(({ wrapped_by }) => wrapped_by !== CLEAR);
  }

  isGiven(wrappedBy: string): boolean {
    return wrappedBy === this.current || this.#masters.has(wrappedBy);
  }

  /** The data keys, the one that seals first. */
  open(all: readonly Row[]): Keys {
    const rows = all.filter(({ ordinal }) => ordinal !== ROLES);
    const opened = new Map<string, Uint8Array>();
    for (const { key_id, wrapped_by, key } of rows.toSorted((one, two) => one.ordinal - two.ordinal)) {
      const master = this.#masters.get(wrapped_by);
      const clear = wrapped_by === CLEAR ? Buffer.from(key, 'hex') : master && unwrapKey(key, master);
      if (clear) opened.set(key_id, clear);
    }
    const missing = rows.find(({ key_id }) => !opened.has(key_id));
    const [first, ...others] = opened.values();
    if (!first || missing) throw locked();
    return [first, ...others];
  }

  wrap(key: Uint8Array): string {
    const master = this.#masters.get(this.current);
    return master ? wrapKey(key, master) : Buffer.from(key).toString('hex');
  }
}

const locked = (): Failure => {
  const field = 'AGENT_PLATFORM_SECRET_KEY';
  const rule = 'is not the key that the secrets of this database are kept under';
  const remedy = `give that key, or, to change it, the new one here and that one in ${field}_OLD`;
  return new Failure('invalid', 'bad-config', `The settings are not right:\n  ${field}: ${rule}; ${remedy}.`, { errors: [{ field, rule, remedy }] });
};

async function storedRows(db: CommonQueryMethods): Promise<readonly Row[]> {
  const there = await db.oneFirst(sql.type(z.object({ there: z.boolean() }))`select to_regclass('platform.secret_keys') is not null as there`);
  return there ? db.any(sql.type(Row)`select key_id, wrapped_by, key, ordinal from platform.secret_keys`) : [];
}

/** Processes may start side by side: one after the other they bring the table to where all of them want it. */
async function settle(pool: DatabasePool, envelope: Envelope, operator: string | undefined): Promise<readonly Row[]> {
  return pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('platform.secret_key'))`);
    // Read, not asked of "create … if not exists": what this connection remembers of names may be older than the lock.
    const there = await db.maybeOne(sql.unsafe`select nspname from pg_namespace where nspname = 'platform'`);
    if (!there) await db.query(sql.unsafe`create schema platform`);
    await db.query(sql.unsafe`
      create table if not exists platform.secret_keys (
        key_id text not null, wrapped_by text not null, key text not null, ordinal int not null, created_at timestamptz not null default now(),
        primary key (key_id, wrapped_by)
      )`);
    const stored = await storedRows(db);
    // Another one has been here meanwhile, with a key that this one has not.
    if (envelope.isLocked(stored)) return stored;
    const keys = stored.length > 0 ? envelope.open(stored) : await firstKeys(db, operator);
    const rows = keys.map((key, ordinal): Row => ({ key_id: keyId(key), wrapped_by: envelope.current, key: envelope.wrap(key), ordinal }));
    const roles: Row = { key_id: 'roles', wrapped_by: CLEAR, key: randomBytes(BYTES).toString('hex'), ordinal: ROLES };
    for (const { key_id, wrapped_by, key, ordinal } of [...rows, roles])
      await db.query(sql.unsafe`
        insert into platform.secret_keys (key_id, wrapped_by, key, ordinal) values (${key_id}, ${wrapped_by}, ${key}, ${ordinal}) on conflict do nothing`);
    for (const { key_id, wrapped_by } of stored.filter((row) => row.ordinal !== ROLES && !envelope.isGiven(row.wrapped_by)))
      await db.query(sql.unsafe`delete from platform.secret_keys where key_id = ${key_id} and wrapped_by = ${wrapped_by}`);
    return storedRows(db);
  });
}

/** A new key; or those of an earlier release, which kept one in the clear, and sealed with the operator's own where there was one. */
async function firstKeys(db: CommonQueryMethods, operator: string | undefined): Promise<Keys> {
  const earlier = await db.oneFirst(sql.type(z.object({ there: z.boolean() }))`select to_regclass('platform.secret_key') is not null as there`);
  if (!earlier) return [randomBytes(BYTES)];
  const own = Buffer.from(await db.oneFirst(sql.type(z.object({ key: z.string() }))`select key from platform.secret_key`), 'hex');
  await db.query(sql.unsafe`drop table platform.secret_key`);
  return operator === undefined ? [own] : [own, Buffer.from(operator)];
}
