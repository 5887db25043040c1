import { sql, type FragmentSqlToken } from 'slonik';
import type { KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { literal, visible } from './visible.chunks.ts';

/** Of a large base, chunks that are ranked by their words: each costs about ten microseconds. */
const RANKED = 1_000;
const MOST_RANKED = 2_000;

/**
 * Two queries of the question's words (stemmed by Postgres' English dictionary, which leaves words of other languages nearly
 * as they are; words without meaning are left out by it). `any_word` ranks. `rare_word` finds, in a large base: a
 * word that half of the chunks have tells little and costs much, so it has only the rarest words, by what `analyze` knows of
 * them: as many as are in a hundredth of all chunks, or in 1,000 of them, and always one.
 */
export const wordsOf = (query: string): FragmentSqlToken => sql.fragment`
  select string_agg(quote_literal(lexeme), ' | ')::tsquery as any_word,
    (string_agg(quote_literal(lexeme), ' | ') filter (where commoner <= most))::tsquery as rare_word
  from (
    select lexeme,
      case when row_number() over (order by share, lexeme) = 1 then 0 else sum(share) over (order by share, lexeme) end as commoner,
      (select greatest(0.01, ${literal(RANKED)} / greatest(reltuples, 1)) from pg_class where oid = 'read_document.chunks'::regclass) as most
    from (
      select lexeme, coalesce(known.share, 0) as share
      from unnest(to_tsvector('english', ${query}))
      left join (
        select e.lexeme, e.share from pg_stats s, unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) as e (lexeme, share)
        where s.schemaname = 'read_document' and s.tablename = 'chunks' and s.attname = 'keywords'
      ) known using (lexeme)
    ) counted
  ) ranked`;

/** The chunks whose words fit best. `few` are those of a small base, `shape` says that it is a large one, `words` has the two queries. */
export function byWords(query: KnowledgeQuery, depth: number): FragmentSqlToken {
  const any = sql.fragment`(select any_word from words)`;
  // The function is what `@@` does, and no index is tempted by it, which would lead through the chunks of all other bases.
  return sql.fragment`
    (select id from (
      select c.id from few join read_document.chunks c on c.workspace_id = ${query.workspace_id} and c.id = few.id
      where ts_match_vq(c.keywords, ${any}) order by ts_rank(c.keywords, ${any}, 33) desc, c.id limit ${literal(depth)}
    ) looked where not (select many from shape))
    union all
    (select id from (
      select id from (select c.id, c.keywords from ${visible(query, false)} and c.keywords @@ (select rare_word from words) limit ${literal(MOST_RANKED)}) found
      order by ts_rank(keywords, ${any}, 33) desc, id limit ${literal(depth)}
    ) ranked where (select many from shape))`;
}
