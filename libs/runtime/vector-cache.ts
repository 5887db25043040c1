import { hash } from 'node:crypto';
import { toSql } from 'pgvector';
import { sql, type CommonQueryMethods, type DatabasePool, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';

/** How vectors are stored: pgvector's type, or, where Postgres does not have that extension, an array of reals. */
export type VectorStorage = 'pgvector' | 'array';

/**
 * Vectors of texts, by workspace, space and the text's SHA-256. A cache: it belongs to no projection, so a rebuild finds
 * it and asks no model; when it is lost or the model changes, the texts are embedded again when they are next needed.
 */
export interface VectorCache {
  readonly storage: VectorStorage;
  /** Keeps the vectors of texts in a space; what is there already stays. */
  save(workspaceId: string, space: string, texts: readonly string[], vectors: readonly (readonly number[])[]): Promise<void>;
  /** `left join` that brings the vector of a column of texts, if there is one, as `alias`. */
  join(alias: string, workspaceId: string, space: string, text: FragmentSqlToken): FragmentSqlToken;
  /** Expression: the dot product of the joined vector and another one of the same space; null where there is none. */
  similarity(alias: string, vector: readonly number[]): FragmentSqlToken;
}

const Available = z.object({ available: z.boolean() });

/**
 * Makes the table, of pgvector's type where that extension can be had. Each storage has a table of its own, so a Postgres
 * that gets or loses the extension starts with an empty cache, not with a broken one. Safe to repeat and to race.
 */
export async function openVectorCache(pool: DatabasePool, wanted: VectorStorage = 'pgvector'): Promise<VectorCache> {
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
    return createCache(pool, storage);
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

function createCache(pool: DatabasePool, storage: VectorStorage): VectorCache {
  const table = sql.identifier(['vectors', `of_texts_${storage}`]);
  const type = storage === 'pgvector' ? sql.fragment`vector` : sql.fragment`real[]`;
  const literal = (vector: readonly number[]): string => (storage === 'pgvector' ? String(toSql([...vector])) : `{${vector.join(',')}}`);

  return {
    storage,
    async save(workspaceId, space, texts, vectors) {
      const hashes = texts.map((text) => hash('sha256', text, 'hex'));
      await pool.query(sql.unsafe`
        insert into ${table} (workspace_id, space, text_hash, embedding)
        select ${workspaceId}, ${space}, decode(h, 'hex'), v::${type}
        from unnest(${sql.array(hashes, 'text')}, ${sql.array(vectors.map(literal), 'text')}) as t (h, v)
        on conflict do nothing`);
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
