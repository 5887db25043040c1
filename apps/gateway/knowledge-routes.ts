import { randomUUIDv7 } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { recordOf } from '@agent-platform/ports/knowledge.port';
import { jsonObject } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { bodyAs, fastifyPath } from './parameters.ts';
import { contextOf } from './request-context.ts';

/** The search of knowledge bases. What was found is recorded before it is answered. */
export function mountKnowledgeRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { path, body: shape } = gatewayRoutes['knowledge.search'];
  app.post(fastifyPath(path), async (request) => {
    const body = jsonObject(request.body);
    const context = contextOf(request, body);
    const { read_after, ...wanted } = bodyAs(shape, body);
    if (read_after !== undefined) await Promise.all(['document', 'knowledge_base'].map((projection) => gateway.waitFor(projection, read_after)));
    const query = { ...wanted, workspace_id: context.workspace_id };
    const answer = await gateway.knowledge.search(query, { signal: gateway.closing });
    // An id of its own: the same search again may find something else, and is another one.
    const retrieval_id = randomUUIDv7();
    const { log } = await gateway.command('retrieval.record', { retrieval_id, ...recordOf(query, answer, null) }, { ...context, command_id: retrieval_id });
    return { retrieval_id, knowledge_base_id: query.knowledge_base_id, ...answer, log };
  });
}
