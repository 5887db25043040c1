import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { sendEvents } from './event-stream.ts';
import type { Gateway } from './gateway.ts';
import { LONG } from './pressure.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { contextOf, header } from './request-context.ts';
import { answerEnd, preferredWait } from './run-end.ts';
import { command } from './write-routes.ts';

const DEFAULT_WAIT_SECONDS = 30;

/** Routes of runs that are neither a command nor a read model: their events as they come, and running one to its end. */
export function mountRunRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { 'run.events': events, 'run.execute': execute } = gatewayRoutes;
  app.get(fastifyPath(events.path), LONG, (request, reply) => streamRun(request, reply, gateway));
  app.post(fastifyPath(execute.path), LONG, async (request, reply) => {
    const { accepted, context } = await command('run.create', request, gateway);
    return answerEnd(reply, gateway, accepted, context, { category: 'run', seconds: preferredWait(request) ?? DEFAULT_WAIT_SECONDS });
  });
}

/** Server-sent events; the id of each is its version in the run's stream, so `Last-Event-ID` goes on without a gap. */
async function streamRun(request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const { workspace_id } = contextOf(request);
  const { run_id, from, follow } = parametersOf(gatewayRoutes['run.events'].params, request);
  const stream: StreamRef = { workspace_id, category: 'run', stream_id: run_id };
  const after = lastEventId(request) ?? (from ?? 1) - 1;
  const [first] = await gateway.log.readStream(stream, { from: 1, to: 1 });
  if (!first) throw new Failure('missing', 'run-not-found', `There is no run "${run_id}" in workspace "${workspace_id}".`);
  if (follow === 'false' || (header(request, 'accept') ?? '').includes('application/json')) {
    return reply.send({ items: await gateway.log.readStream(stream, { from: after + 1 }) });
  }
  return sendEvents(reply, gateway, stream, after);
}

function lastEventId(request: FastifyRequest): number | undefined {
  const value = header(request, 'last-event-id');
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Failure('invalid', 'bad-last-event-id', 'Last-Event-ID is not one that this stream gave out.', {
    errors: [{ field: 'header Last-Event-ID', rule: 'must be a version number', remedy: 'leave it out to begin at the first event' }],
  });
}
