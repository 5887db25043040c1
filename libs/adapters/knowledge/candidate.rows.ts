import { hash } from 'node:crypto';
import { toSql } from 'pgvector';
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { byWords, wordsOf } from './candidate.words.ts';
import { idsUpTo, literal, visible } from './visible.chunks.ts';

/** What is searched for, by words and by a vector of one space. */
export interface Probe {
  readonly query: KnowledgeQuery;
  readonly space: string;
  readonly dimensions: number;
  /** Null: the query has no direction, and is searched by its words only. */
  readonly vector: readonly number[] | null;
  /** Candidates of each list. */
  readonly depth: number;
}

/** Up to so many chunks that a search may see, looking at all of them is as fast as the index, and exact. */
const EXACT_UP_TO = 2_000;
/** What document.sql makes indexes for. */
const INDEXED: readonly number[] = [256, 384, 512, 768, 1024, 1536];
/** How the index is walked (README, "How fast"): with how many chunks in view, and how far for a base that is a small part of all. */
const WALK = { 'hnsw.ef_search': '800', 'hnsw.iterative_scan': 'relaxed_order', 'hnsw.max_scan_tuples': '50000', 'hnsw.scan_mem_multiplier': '4' };

const Hit = z.object({
  chunk_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  index_version: z.number(),
  position: z.number(),
  start: z.number(),
  end: z.number(),
  heading: z.string().nullable(),
  page: z.number().nullable(),
  text: z.string(),
  metadata: z.record(z.string(), z.json()),
  keyword_score: z.number().nullable(),
  vector_score: z.number().nullable(),
});

const Found = z.object({
  /** Of the base; null when there is none. */
  status: z.string().nullable(),
  /** The search may see more chunks than are looked at one by one. */
  many: z.boolean(),
  /** The base has chunks of another space than the probe's. */
  other_spaces: z.boolean(),
  hits: z.array(Hit),
});
export type Found = z.output<typeof Found>;

/** Whether vectors of this length have an index, where Postgres has pgvector. */
export const isIndexed = (dimensions: number): boolean => INDEXED.includes(dimensions);

/**
 * Cosine of a chunk and the probe. The vectors have length 1, so without pgvector it is the sum of the products; both ways
 * give the same up to the rounding of 32-bit floats, which the sixth digit no longer shows.
 */
function cosine({ vector, space }: Probe, pgvector: boolean): FragmentSqlToken {
  if (vector === null) return sql.fragment`null::float8`;
  const value = pgvector
    ? sql.fragment`(1 - (c.embedding_vector operator(public.<=>) ${toSql([...vector])}::public.vector))`
    : sql.fragment`(select sum(p.a::float8 * p.b::float8) from unnest(c.embedding, ${`{${vector.join(',')}}`}::real[]) as p (a, b))`;
  return sql.fragment`case when c.embedding_space = ${space} and c.embedding is not null then round(${value}::numeric, 6)::float8 end`;
}

/** The nearest chunks by cosine. Only vectors of the probe's space are compared. */
function nearest(probe: Probe, pgvector: boolean): FragmentSqlToken {
  const { query, space, dimensions, vector, depth } = probe;
  if (vector === null) return sql.fragment`select null::text as id where false`;
  const ofSpace = sql.fragment`c.embedding_space = ${space} and c.embedding is not null`;
  const best = sql.fragment`order by ${cosine(probe, pgvector)} desc, c.id limit ${literal(depth)}`;
  if (!pgvector || !isIndexed(dimensions)) return sql.fragment`select c.id from ${visible(query)} and ${ofSpace} ${best}`;
  const type = sql.fragment`public.vector(${literal(dimensions)})`;
  // Only one of the two is begun: its condition is looked at first. That of the walk also says how to walk, for this statement
  // alone: on and on until there are enough, so that chunks of other bases do not use up the candidates.
  const walk = Object.entries(WALK).map(([name, value]) => sql.fragment`set_config(${name}, ${value}, true) is not null`);
  return sql.fragment`
    (select id from (
      select c.id from few join read_document.chunks c on c.workspace_id = ${query.workspace_id} and c.id = few.id where ${ofSpace} ${best}
    ) looked where not (select many from shape))
    union all
    (select id from (
      select c.id from ${visible(query)} and ${ofSpace} and c.dimensions = ${literal(dimensions)}
      order by (c.embedding_vector::${type}) operator(public.<=>) ${toSql([...vector])}::${type} limit ${literal(depth)}
    ) walked where (select many and ${sql.join(walk, sql.fragment` and `)} from shape))`;
}

/** The base, and candidates of both lists, each with both scores: one prepared statement, one round trip. */
export async function candidates(db: CommonQueryMethods, probe: Probe, pgvector: boolean): Promise<Found> {
  const { query, space, depth } = probe;
  const { workspace_id, knowledge_base_id } = query;
  const ofBase = sql.fragment`from read_document.chunks where workspace_id = ${workspace_id} and knowledge_base_id = ${knowledge_base_id}`;
  const statement = sql.fragment`
    with base as (
      select status from read_knowledge_base.knowledge_bases where workspace_id = ${workspace_id} and id = ${knowledge_base_id}
    ), few as materialized (${idsUpTo(EXACT_UP_TO + 1, query)}
    ), shape as materialized (
      select (select count(*) from few) > ${literal(EXACT_UP_TO)} as many,
        exists (select 1 ${ofBase} and embedding_space < ${space}) or exists (select 1 ${ofBase} and embedding_space > ${space}) as other_spaces
    ), words as materialized (${wordsOf(query.query)}
    ), by_vector as materialized (${nearest(probe, pgvector)}
    ), by_words as materialized (${byWords(query, depth)}
    ), hits as (
      select c.id as chunk_id, c.document_id, d.title, c.index_version, c.position, c.start_at as "start", c.end_at as "end", c.heading, c.page, c.text,
        d.metadata,
        case when c.keywords @@ w.any_word then round(ts_rank(c.keywords, w.any_word, 33)::numeric, 6)::float8 end as keyword_score,
        ${cosine(probe, pgvector)} as vector_score
      from words w, (select id from by_vector union select id from by_words) found, ${visible(query)} and c.id = found.id
    )
    select (select status from base) as status, many, other_spaces, coalesce((select json_agg(hits) from hits), '[]') as hits from shape`;
  // The name stands for the text: filters, lengths and depths make a few dozen of them.
  return db.one(sql.prepared(`knowledge_${hash('sha1', statement.sql).slice(0, 16)}`, Found)`${statement}`);
}
