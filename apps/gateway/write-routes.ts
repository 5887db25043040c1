import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, Contract, RouteContract } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { Gateway } from './gateway.ts';
import { contextOf, type RequestContext } from './request-context.ts';

/** Mounts the routes of a contract that carry commands. The gateway decides nothing: it asks the commands role over NATS. */
export function mountWriteRoutes(app: FastifyInstance, contract: Contract, gateway: Gateway): void {
  for (const route of contract.routes) {
    if (route.command === undefined) continue;
    const type = route.command;
    app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) => write(type, route, request, reply, gateway),
    });
  }
}

async function write(type: string, route: RouteContract, request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const body = bodyOf(request);
  const context = contextOf(request, reply, body);
  const data = { ...body, ...(request.params as Record<string, string>) };
  const accepted = await gateway.command(type, data, context);
  return answer(reply, route, accepted, context);
}

/** The entity as it now is, and where in the log it got so. */
export function answer(reply: FastifyReply, route: Pick<RouteContract, 'status' | 'path'>, accepted: CommandAccepted, context: RequestContext): FastifyReply {
  const entity = accepted.entity ?? { id: accepted.id, deleted: true };
  void reply.header('etag', `"${accepted.log.version}"`);
  if (route.status === 201) void reply.header('location', `/api/v1${route.path.replace(/\/\{\w+\}\/runs$/, '')}/${accepted.id}`);
  return reply.code(route.status ?? 200).send({ ...entity, workspace_id: context.workspace_id, log: accepted.log });
}

/** A write takes a JSON object, or nothing where all it needs is in the path. */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request;
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return { ...(body as Record<string, unknown>) };
  throw new Failure('invalid', 'bad-body', 'The body must be a JSON object.', { errors: [{ field: '', rule: 'must be an object', remedy: 'send {"field": value}' }] });
}
