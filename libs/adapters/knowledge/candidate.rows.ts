import { toSql } from 'pgvector';
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { KnowledgeQuery } from '@agent-platform/ports/knowledge.port';

/** What is searched for, by words and by a vector of one space. */
export interface Probe {
  readonly query: KnowledgeQuery;
  readonly space: string;
  readonly dimensions: number;
  readonly vector: readonly number[] | null;
  /** Candidates of each list. */
  readonly depth: number;
}

export type VectorSearch = 'pgvector-index' | 'pgvector-exact' | 'scan';

const Row = z.object({
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
export type CandidateRow = z.output<typeof Row>;

/** Chunks that a search may see: of the base, of the indexes that their documents show, and as the filters want them. */
function visible({ workspace_id, knowledge_base_id, filters }: KnowledgeQuery): FragmentSqlToken {
  const { document_ids, source_type, metadata } = filters;
  const conditions = [
    sql.fragment`c.workspace_id = ${workspace_id} and c.knowledge_base_id = ${knowledge_base_id}`,
    ...(document_ids ? [sql.fragment`and d.id = any (${sql.array([...document_ids], 'text')})`] : []),
    ...(source_type === undefined ? [] : [sql.fragment`and d.source_type = ${source_type}`]),
    ...(metadata ? [sql.fragment`and d.metadata @> ${JSON.stringify(metadata)}::jsonb`] : []),
  ];
  return sql.fragment`
    read_document.chunks c join read_document.documents d on d.workspace_id = c.workspace_id and d.id = c.document_id and d.search_version = c.index_version
    where ${sql.join(conditions, sql.fragment` `)}`;
}

/** `{0.1,0.2}`, which Postgres reads as a real[]. */
const arrayOf = (vector: readonly number[]): string => `{${vector.join(',')}}`;

/**
 * Cosine of a chunk and the probe. The vectors have length 1, so without pgvector it is the sum of the products; both ways
 * give the same up to the rounding of 32-bit floats, which the sixth digit no longer shows.
 */
function cosine({ vector, space }: Probe, how: VectorSearch): FragmentSqlToken {
  if (vector === null) return sql.fragment`null::float8`;
  const value =
    how === 'scan'
      ? sql.fragment`(select sum(p.a::float8 * p.b::float8) from unnest(c.embedding, ${arrayOf(vector)}::real[]) as p (a, b))`
      : sql.fragment`(1 - (c.embedding_vector operator(public.<=>) ${toSql([...vector])}::public.vector))`;
  return sql.fragment`case when c.embedding_space = ${space} and c.embedding is not null then round(${value}::numeric, 6)::float8 end`;
}

/** The nearest chunks by cosine. Only vectors of the probe's space are compared. */
function nearest(probe: Probe, how: VectorSearch): FragmentSqlToken {
  const { query, space, dimensions, vector, depth } = probe;
  if (vector === null) return sql.fragment`select c.id from ${visible(query)} and false`;
  const ofSpace = sql.fragment`${visible(query)} and c.embedding_space = ${space} and c.embedding is not null`;
  if (how !== 'pgvector-index') return sql.fragment`select c.id from ${ofSpace} order by ${cosine(probe, how)} desc, c.id limit ${depth}`;
  // The index is over an expression with the length in its type, which can't be a parameter: it was parsed as an integer.
  const type = { ...sql.fragment``, sql: `public.vector(${Math.trunc(dimensions)})` };
  const length = { ...sql.fragment``, sql: String(Math.trunc(dimensions)) };
  return sql.fragment`select c.id from ${ofSpace} and c.dimensions = ${length}
    order by (c.embedding_vector::${type}) operator(public.<=>) ${toSql([...vector])}::${type} limit ${depth}`;
}

/**
 * Candidates of both lists, each with both scores. A query is any of its words (stemmed by Postgres' English dictionary,
 * which leaves words of other languages nearly as they are); words without meaning are left out by it.
 */
export async function candidates(db: CommonQueryMethods, probe: Probe, how: VectorSearch): Promise<readonly CandidateRow[]> {
  const { query, depth } = probe;
  return db.any(sql.type(Row)`
    with words as materialized (
      select string_agg(quote_literal(lexeme), ' | ')::tsquery as any_word from unnest(to_tsvector('english', ${query.query}))
    ), by_vector as materialized (${nearest(probe, how)}
    ), by_words as materialized (
      select c.id from ${visible(query)} and c.keywords @@ (select any_word from words)
      order by ts_rank(c.keywords, (select any_word from words), 33) desc, c.id limit ${depth}
    )
    select c.id as chunk_id, c.document_id, d.title, c.index_version, c.position, c.start_at as "start", c.end_at as "end", c.heading, c.page, c.text,
      d.metadata,
      case when c.keywords @@ w.any_word then round(ts_rank(c.keywords, w.any_word, 33)::numeric, 6)::float8 end as keyword_score,
      ${cosine(probe, how)} as vector_score
    from words w, (select id from by_vector union select id from by_words) found, ${visible(query)} and c.id = found.id`);
}
