import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, Contract, RouteContract } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { bodyOf } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath } from './parameters.ts';
import { contextOf, type RequestContext } from './request-context.ts';
import { answerEnd, preferredWait } from './run-end.ts';

/** Mounts the routes of a contract that carry commands. The gateway decides nothing: it asks the commands role over NATS. */
export function mountWriteRoutes(app: FastifyInstance, contract: Contract, gateway: Gateway): void {
  for (const route of contract.routes) {
    if (route.command === undefined) continue;
    const type = route.command;
    app.route({ method: route.method, url: fastifyPath(route.path), handler: (request, reply) => write(type, route, request, reply, gateway) });
  }
}

async function write(type: string, route: RouteContract, request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const { accepted, context } = await command(type, request, gateway);
  const seconds = type === 'run.create' ? preferredWait(request) : undefined;
  return seconds === undefined ? answer(reply, route, accepted, context) : answerEnd(reply, gateway, accepted, context, seconds);
}

/** Asks for the command that a request's body and path make. */
export async function command(type: string, request: FastifyRequest, gateway: Gateway): Promise<{ accepted: CommandAccepted; context: RequestContext }> {
  const body = await bodyOf(request, type);
  const context = contextOf(request, body);
  const path = request.params as Record<string, string>;
  for (const [name, value] of Object.entries(path)) {
    if (body[name] === undefined || body[name] === value) continue;
    throw new Failure('invalid', 'path-mismatch', `The path and the body name different things as ${name}.`, {
      errors: [{ field: `/${name}`, rule: 'must equal the path', remedy: 'leave it out of the body' }],
    });
  }
  return { accepted: await gateway.command(type, { ...body, ...path }, context), context };
}

/** The entity as it now is, and where in the log it got so. */
export function answer(reply: FastifyReply, route: Pick<RouteContract, 'status' | 'path'>, accepted: CommandAccepted, context: RequestContext): FastifyReply {
  const entity = accepted.entity ?? { id: accepted.id, deleted: true };
  void reply.header('etag', `"${accepted.log.version}"`);
  if (route.status === 201) void reply.header('location', `/api/v1${collectionOf(route.path)}/${accepted.id}`);
  return reply.code(route.status ?? 200).send({ ...entity, workspace_id: context.workspace_id, log: accepted.log });
}

/** Where the made thing can be read: versions and runs of a thing have paths of their own. */
const collectionOf = (path: string): string => path.replace(/^\/workflows\/\{\w+\}\/runs$/, '/runtime/runs').replace(/\/\{\w+\}(\/\w+)$/, '$1');
