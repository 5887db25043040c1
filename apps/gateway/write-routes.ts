import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, Contract } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { bodyOf } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { askWithFiles } from './held-upload.ts';
import { fastifyPath } from './parameters.ts';
import { contextOf, type RequestContext } from './request-context.ts';
import { answerEnd, preferredWait, type Wait } from './run-end.ts';
import { waitForCall } from './tool-routes.ts';

/** Mounts the routes of a contract that carry commands. The gateway decides nothing: it asks the commands role over NATS. */
export function mountWriteRoutes(app: FastifyInstance, contract: Contract, gateway: Gateway): void {
  for (const { method, path, command: type, status = 200 } of contract.routes) {
    if (type === undefined) continue;
    const madeAt = status === 201 ? collectionOf(path, contract) : undefined;
    app.route({
      method,
      url: fastifyPath(path),
      handler: async (request, reply) => {
        const { accepted, context } = await command(type, request, gateway);
        const wait = type === 'tool_call.create' ? await waitForCall(request, gateway, accepted, context) : type === 'run.create' ? waitForRun(request) : null;
        if (wait) return answerEnd(reply, gateway, accepted, context, wait);
        if (madeAt !== undefined) void reply.header('location', `/api/v1${madeAt}/${accepted.id}`);
        return answer(reply.code(status), accepted, context);
      },
    });
  }
}

function waitForRun(request: FastifyRequest): Wait | null {
  const seconds = preferredWait(request);
  return seconds === undefined ? null : { category: 'run', seconds };
}

/** Asks for the command that a request's body and path make. */
export async function command(type: string, request: FastifyRequest, gateway: Gateway): Promise<{ accepted: CommandAccepted; context: RequestContext }> {
  const { fields: body, attached } = await bodyOf(request, type);
  const context = contextOf(request, body);
  const path = request.params as Record<string, string>;
  for (const [name, value] of Object.entries(path)) {
    if (body[name] === undefined || body[name] === value) continue;
    throw new Failure('invalid', 'path-mismatch', `The path and the body name different things as ${name}.`, {
      errors: [{ field: `/${name}`, rule: 'must equal the path', remedy: 'leave it out of the body' }],
    });
  }
  const ask = (more: object) => gateway.command(type, { ...body, ...path, ...more }, context);
  const accepted = attached ? await askWithFiles(attached, context.workspace_id, gateway, ask) : await ask({});
  return { accepted, context };
}

/** The entity as it now is, and where in the log it got so. */
function answer(reply: FastifyReply, accepted: CommandAccepted, context: RequestContext): FastifyReply {
  const entity = accepted.entity ?? { id: accepted.id, deleted: true };
  return reply.header('etag', `"${accepted.log.version}"`).send({ ...entity, workspace_id: context.workspace_id, log: accepted.log });
}

/** Where the made thing can be read: versions and runs of a thing have paths of their own. Undefined when nowhere. */
function collectionOf(path: string, { routes }: Contract): string | undefined {
  const readable = routes.flatMap((route) => (route.method === 'GET' ? (/^(.*)\/\{\w+\}$/.exec(route.path)?.[1] ?? []) : []));
  const last = path.split('/').at(-1);
  return readable.find((one) => one === path.replaceAll(/\/\{\w+\}/g, '')) ?? readable.find((one) => one.split('/').at(-1) === last);
}
