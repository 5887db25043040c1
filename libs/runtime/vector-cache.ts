import { hash } from 'node:crypto';
import { toSql } from 'pgvector';
import { sql, type CommonQueryMethods, type DatabasePool, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';

/** How vectors are stored: pgvector's type, or, where Postgres does not have that extension, an array of reals. */
export type VectorStorage = 'pgvector' | 'array';

/**
 * Vectors of texts, by workspace, space and the text's SHA-256. A cache: it belongs to no projection, so a rebuild finds
 * it and asks no model; when it is lost or the model changes, the texts are embedded again when they are next needed. It is
 * bounded: what nobody has asked for in a month goes, of deleted texts as of models that are used no more, and
 * above a number of vectors those that were asked for longest ago.
 */
export interface VectorCache {
  readonly storage: VectorStorage;
  /** Keeps the vectors of texts in a space; what is there already stays. */
  save(workspaceId: string, space: string, texts: readonly string[], vectors: readonly (readonly number[])[]): Promise<void>;
  /** `left join` that brings the vector of a column of texts, if there is one, as `alias`. */
  join(alias: string, workspaceId: string, space: string, text: FragmentSqlToken): FragmentSqlToken;
  /** Expression: whether the joined vector was last asked for before today (then call `touch`); null where there is none. */
  stale(alias: string): FragmentSqlToken;
  /** Notes that the vectors of these texts (a `select` of one column) are asked for today. */
  touch(workspaceId: string, space: string, texts: FragmentSqlToken): Promise<void>;
  /** Expression: the dot product of the joined vector and another one of the same space; null where there is none. */
  similarity(alias: string, vector: readonly number[]): FragmentSqlToken;
}

export interface VectorCacheOptions {
  readonly storage?: VectorStorage;
  /** Days that a vector stays without being asked for. Default 30. */
  readonly keepDays?: number;
  /** Vectors that are kept at most, give or take what an hour brings. Default a million: with 512 dimensions about 2.5 GB. */
  readonly most?: number;
  /** Pause between two cleanings by this process, in milliseconds. Default an hour. */
  readonly cleanEveryMs?: number;
}

/** Vectors that one cleaning removes at most, for each reason: it happens while somebody waits for a search. */
const AT_A_CLEANING = 10_000;

const Available = z.object({ available: z.boolean() });

/**
 * Makes the table, of pgvector's type where that extension can be had. Each storage has a table of its own, so a Postgres
 * that gets or loses the extension starts with an empty cache, not with a broken one. Safe to repeat and to race.
 */
export async function openVectorCache(pool: DatabasePool, options: VectorCacheOptions = {}): Promise<VectorCache> {
  const { storage: wanted = 'pgvector' } = options;
  return pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('vectors'))`);
    await db.query(sql.unsafe`create schema if not exists vectors`);
    const storage = wanted === 'pgvector' && (await hasPgvector(db)) ? 'pgvector' : 'array';
    const type = storage === 'pgvector' ? sql.fragment`vector` : sql.fragment`real[]`;
    const table = sql.identifier(['vectors', `of_texts_${storage}`]);
    await db.query(sql.unsafe`
      create table if not exists ${table} (
        workspace_id text not null, space text not null, text_hash bytea not null, embedding ${type} not null,
        primary key (workspace_id, space, text_hash)
      )`);
    await db.query(sql.unsafe`alter table ${table} add column if not exists used_on date not null default current_date`);
    await db.query(sql.unsafe`create index if not exists ${sql.identifier([`of_texts_${storage}_by_use`])} on ${table} (used_on)`);
    return createCache(pool, storage, options);
  });
}

/** Whether the extension is there, after trying to make it: a server that has its files may still not allow us to. */
async function hasPgvector(db: CommonQueryMethods): Promise<boolean> {
  const { available } = await db.one(sql.type(Available)`select exists (select 1 from pg_available_extensions where name = 'vector') as available`);
  if (!available) return false;
  await db.query(sql.unsafe`savepoint extension`);
  try {
    await db.query(sql.unsafe`create extension if not exists vector`);
    return true;
  } catch {
    await db.query(sql.unsafe`rollback to savepoint extension`);
    return false;
  }
}

function createCache(pool: DatabasePool, storage: VectorStorage, options: VectorCacheOptions): VectorCache {
  const { keepDays = 30, most = 1_000_000, cleanEveryMs = 3_600_000 } = options;
  let cleaned = -Infinity;
  const table = sql.identifier(['vectors', `of_texts_${storage}`]);
  const type = storage === 'pgvector' ? sql.fragment`vector` : sql.fragment`real[]`;
  const literal = (vector: readonly number[]): string => (storage === 'pgvector' ? String(toSql([...vector])) : `{${vector.join(',')}}`);

  /** Another process may clean at the same time: then one of the two finds nothing left to do. */
  async function clean(): Promise<void> {
    await pool.query(sql.unsafe`
      delete from ${table} where ctid = any (array(
        select ctid from ${table} where used_on < current_date - ${keepDays}::integer order by used_on limit ${AT_A_CLEANING} for update skip locked))`);
    await pool.query(sql.unsafe`
      delete from ${table} where ctid = any (array(
        select ctid from ${table} order by used_on
        limit least(${AT_A_CLEANING}, greatest(0, (select count(*) from ${table}) - ${most})) for update skip locked))`);
  }

  return {
    storage,
    async save(workspaceId, space, texts, vectors) {
      const hashes = texts.map((text) => hash('sha256', text, 'hex'));
      await pool.query(sql.unsafe`
        insert into ${table} (workspace_id, space, text_hash, embedding)
        select ${workspaceId}, ${space}, decode(h, 'hex'), v::${type}
        from unnest(${sql.array(hashes, 'text')}, ${sql.array(vectors.map(literal), 'text')}) as t (h, v)
        on conflict do nothing`);
      if (performance.now() - cleaned < cleanEveryMs) return;
      cleaned = performance.now();
      await clean();
    },
    stale: (alias) => sql.fragment`(${sql.identifier([alias, 'used_on'])} < current_date)`,
    async touch(workspaceId, space, texts) {
      await pool.query(sql.unsafe`
        update ${table} set used_on = current_date
        where workspace_id = ${workspaceId} and space = ${space} and used_on < current_date
          and text_hash in (select sha256(convert_to(t.text, 'UTF8')) from (${texts}) t (text))`);
    },
    join: (alias, workspaceId, space, text) => {
      const name = sql.identifier([alias]);
      return sql.fragment`left join ${table} ${name} on ${name}.workspace_id = ${workspaceId} and ${name}.space = ${space}
        and ${name}.text_hash = sha256(convert_to(${text}, 'UTF8'))`;
    },
    similarity: (alias, vector) => {
      const embedding = sql.identifier([alias, 'embedding']);
      // `<#>` is the negative inner product. Exact in both storages: no index, because a scope is small and a filtered
      // walk through an approximate index loses results.
      return storage === 'pgvector'
        ? sql.fragment`(-(${embedding} <#> ${literal(vector)}::vector))::float8`
        : sql.fragment`(select sum(a::float8 * b::float8) from unnest(${embedding}, ${literal(vector)}::real[]) as t (a, b) where ${embedding} is not null)`;
    },
  };
}
