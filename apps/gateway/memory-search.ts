import { sql, type DatabasePool, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { rankMemories, wordsOf } from '@agent-platform/memory/index';
import { type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import { positionOfProjection, shownAs } from '@agent-platform/runtime/read';
import { liveSchema } from '@agent-platform/runtime/read-models';
import type { VectorCache } from '@agent-platform/runtime/vector-cache';
import { createVectorFiller } from './missing-vectors.ts';

type Search = z.output<(typeof gatewayRoutes)['memory.search']['body']>;
type Found = z.output<(typeof gatewayRoutes)['memory.search']['answer']>;

/** Best ones by vector, and best ones by words, that are scored as a whole. */
const CANDIDATES = 200;
const Row = z.object({
  row: z.looseObject({ id: z.string(), content_text: z.string(), importance_score: z.number() }),
  cosine: z.number().nullable(),
});
const Text = z.object({ text: z.string() });
const Vectors = z.object({ missing: z.number(), stale: z.boolean() });
const memories = sql.identifier([liveSchema('memory'), 'memories']);

/** Searches the memories of one scope of one workspace, and nothing outside of it. Throws Failure when nobody can embed the query. */
export type SearchMemories = (workspaceId: string, search: Search, signal: AbortSignal) => Promise<Omit<Found, 'log'>>;

/**
 * Hybrid search. Memories that have no vector in the space of the query (new ones, or all of them after the model was
 * changed) get one first, so that a search sees its caller's own writes with all scores.
 */
export function createMemorySearch(parts: { pool: DatabasePool; embedding: EmbeddingPort; vectors: VectorCache }): SearchMemories {
  const { pool, embedding, vectors } = parts;

  const fill = createVectorFiller({ embedding, vectors });

  /** Embeds what has no vector in this space, the most important and newest first; returns how many have none then. */
  async function embedMissing(workspaceId: string, space: string, where: FragmentSqlToken, signal: AbortSignal): Promise<number> {
    const joined = sql.fragment`from ${memories} m ${vectors.join('v', workspaceId, space, sql.fragment`m.content_text`)} where ${where}`;
    const look = () =>
      pool.one(sql.type(Vectors)`
        select count(*) filter (where v.text_hash is null)::float8 as missing, coalesce(bool_or(${vectors.stale('v')}), false) as stale ${joined}`);
    const { missing, stale } = await look();
    if (stale) await vectors.touch(workspaceId, space, sql.fragment`select m.content_text from ${memories} m where ${where}`);
    if (missing === 0) return 0;
    const next = async (limit: number): Promise<readonly string[]> => {
      const rows = await pool.any(sql.type(Text)`
        select m.content_text as text ${joined} and v.text_hash is null group by m.content_text order by max(m.importance_score) desc, max(m.created_at) desc limit ${limit}`);
      return rows.map(({ text }) => text);
    };
    await fill({ workspaceId, space, next }, signal);
    return (await look()).missing;
  }

  return async (workspaceId, search, signal) => {
    // Read before the rows: what is shown reflects at least this position.
    const position = await positionOfProjection(pool, 'memory');
    const { vectors: made, space, fallback } = await embedding.embed([search.query], { signal });
    const where = inScope(workspaceId, search);
    const missing = await embedMissing(workspaceId, spaceName(space), where, signal);
    const rows = await pool.any(sql.type(Row)`
      with scoped as materialized (
        select m.id, m.content_text, m.importance_score, ${vectors.similarity('v', made[0] ?? [])} as cosine
        from ${memories} m ${vectors.join('v', workspaceId, spaceName(space), sql.fragment`m.content_text`)} where ${where}
      )
      select to_jsonb(m) as row, s.cosine from scoped s join ${memories} m on m.workspace_id = ${workspaceId} and m.id = s.id
      where s.id in (select id from scoped order by cosine desc nulls last, importance_score desc, id limit ${CANDIDATES})
         or s.id in (${byWords(search.query)})`);
    const ranked = rankMemories(
      search.query,
      rows.map(({ row, cosine }) => ({ ...(shownAs(row) as typeof row), cosine })),
      search.weights,
    );
    const items = ranked.slice(0, search.limit).map(({ candidate: { cosine: _, ...memory }, scores }) => ({
      ...memory,
      importance: memory.importance_score,
      ...scores,
      rerank_mode: 'hybrid-local' as const,
    }));
    // The columns of the table are the fields of the view (libs/features/features.spec.ts).
    return {
      items: items as unknown as Found['items'],
      rerank_mode: 'hybrid-local',
      embedding: { ...space, ...(fallback && { fallback }), missing },
      position,
    };
  };
}

/** A memory is over when its time is, even before its timer has fallen due and been recorded. */
function inScope(workspaceId: string, { scope_type, scope_id, memory_type }: Search): FragmentSqlToken {
  const type = memory_type === undefined ? sql.fragment`` : sql.fragment`and m.memory_type = ${memory_type}`;
  return sql.fragment`m.workspace_id = ${workspaceId} and m.scope_type = ${scope_type} and m.scope_id = ${scope_id} and m.status = 'active'
    and (m.expires_at is null or m.expires_at > clock_timestamp()) ${type}`;
}

/** Ids of those that have any word of the query, the best first. Words are letters and digits only, so they need no quotes. */
function byWords(query: string): FragmentSqlToken {
  const words = [...new Set(wordsOf(query))];
  if (words.length === 0) return sql.fragment`select null`;
  const wanted = sql.fragment`to_tsquery('simple', ${words.join(' | ')})`;
  // `offset 0` keeps Postgres from taking the text apart twice.
  return sql.fragment`
    select id from scoped cross join lateral (select to_tsvector('simple', content_text) as words offset 0) t
    where words @@ ${wanted} order by ts_rank(words, ${wanted}) desc, importance_score desc, id limit ${CANDIDATES}`;
}
