import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DatabasePool } from 'slonik';
import type { QueryContract } from '@agent-platform/contracts/kit/index';
import { type AnyFeature, Failure, type Query } from '@agent-platform/kernel/index';
import { positionOfProjection, readOne, readPage, type ReadParams } from '@agent-platform/runtime/read';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { contextOf } from './request-context.ts';

/** Mounts the routes of a feature that read: from read models only, always inside the caller's workspace. */
export function mountReadRoutes(app: FastifyInstance, feature: AnyFeature, gateway: Gateway): void {
  for (const route of feature.contract.routes) {
    if (route.query === undefined) continue;
    const contract = feature.contract.queries[route.query];
    const query = feature.queries[route.query];
    if (!contract || !query) throw new Error(`route ${route.method} ${route.path}: query ${route.query} is not defined`);
    app.route({ method: route.method, url: fastifyPath(route.path), handler: (request, reply) => read(contract, query, request, reply, gateway) });
  }
}

async function read(contract: QueryContract, query: Query, request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const { workspace_id } = contextOf(request);
  const params = parametersOf(contract.params, request) as ReadParams;
  if (typeof params['read_after'] === 'string') await gateway.waitFor(query.projection, params['read_after']);
  return reply.send(await run(gateway.pool, query, workspace_id, params, request));
}

async function run(pool: DatabasePool, query: Query, workspaceId: string, params: ReadParams, request: FastifyRequest): Promise<object> {
  if (query.kind === 'list') return readPage(pool, query, workspaceId, params);
  const position = await positionOfProjection(pool, query.projection);
  const row = await readOne(pool, query, workspaceId, params);
  if (row) return { ...row, position };
  throw notFound(request, workspaceId);
}

/** What was asked for is not there. Of what kind it is, the last parameter of the path says: `run_id` names a run. */
export function notFound({ params }: FastifyRequest, workspaceId: string): Failure {
  const [name = 'id', id = ''] = Object.entries(params as Readonly<Record<string, string>>).at(-1) ?? [];
  const thing = name.endsWith('_id') ? `no ${name.slice(0, -'_id'.length).replaceAll('_', ' ')}` : 'nothing called';
  const remedy = 'If you have just made it, add read_after with the event_id of that answer.';
  return new Failure('missing', 'not-found', `There is ${thing} "${id}" in workspace "${workspaceId}". ${remedy}`);
}
