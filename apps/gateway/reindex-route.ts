import type { FastifyInstance } from 'fastify';
import { sql } from 'slonik';
import { z } from 'zod';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { Failure } from '@agent-platform/kernel/index';
import { positionOfProjection } from '@agent-platform/runtime/read';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { notFound } from './read-routes.ts';
import { contextOf } from './request-context.ts';

const Base = z.object({ reindex: z.object({ id: z.string(), status: z.enum(['asking', 'asked', 'failed']), documents: z.number() }).nullable() });
const Counts = z.object({ indexed: z.number(), failed: z.number(), under_way: z.number(), chunks_done: z.number(), embedding_spaces: z.array(z.string()) });

/** How far a base's reindex is: counted in the read model of documents, which knows which reindex asked for their indexes. */
export function mountReindexRoute(app: FastifyInstance, gateway: Gateway): void {
  const { pool } = gateway;
  const { path, params } = gatewayRoutes['knowledge_base.reindex_progress'];
  app.get(fastifyPath(path), async (request) => {
    const { workspace_id } = contextOf(request);
    const { knowledge_base_id, read_after } = parametersOf(params, request);
    if (read_after !== undefined) await gateway.waitFor('knowledge_base', read_after);
    const told = await positionOfProjection(pool, 'knowledge_base');
    const base = await pool.maybeOne(
      sql.type(Base)`select reindex from read_knowledge_base.knowledge_bases where workspace_id = ${workspace_id} and id = ${knowledge_base_id}`,
    );
    if (!base) throw notFound(request, workspace_id);
    const { reindex } = base;
    if (!reindex) throw new Failure('missing', 'never-reindexed', `Knowledge base "${knowledge_base_id}" was never reindexed as a whole.`);
    const position = await positionOfProjection(pool, 'document');
    const counts = await pool.one(sql.type(Counts)`
      select
        count(*) filter (where reindex_id = ${reindex.id} and index_status = 'indexed')::int as indexed,
        count(*) filter (where reindex_id = ${reindex.id} and index_status = 'failed')::int as failed,
        count(*) filter (where reindex_id = ${reindex.id} and index_status not in ('indexed', 'failed'))::int as under_way,
        coalesce(sum(chunks_done) filter (where reindex_id = ${reindex.id}), 0)::int as chunks_done,
        (select coalesce(jsonb_agg(distinct c.embedding_space), '[]') from read_document.chunks c
          join read_document.documents d on d.workspace_id = c.workspace_id and d.id = c.document_id and d.search_version = c.index_version
          where c.workspace_id = ${workspace_id} and c.knowledge_base_id = ${knowledge_base_id}) as embedding_spaces
      from read_document.documents where workspace_id = ${workspace_id} and knowledge_base_id = ${knowledge_base_id}`);
    // Where documents lag behind the base, some of those that were told are not counted yet.
    const ended = counts.under_way === 0 && position >= told ? 'done' : 'indexing';
    const status = reindex.status === 'asked' ? ended : reindex.status;
    return { reindex_id: reindex.id, status, documents: reindex.documents, ...counts, position };
  });
}
