import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type EventEnvelope, Id, type StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { crashPoint } from '@agent-platform/runtime/crash-point';
import { loadState } from '@agent-platform/runtime/lookup';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { parseParams } from './read-routes.ts';
import { contextOf, header } from './request-context.ts';
import { answer, bodyOf } from './write-routes.ts';

const ENDS = new Set(['run.completed', 'run.failed', 'run.cancelled']);
const HEARTBEAT_MS = 15_000;
const LONGEST_WAIT_SECONDS = 120;

const StreamParams = { params: z.object({ run_id: Id, from: z.coerce.number().int().min(1).optional(), follow: z.enum(['true', 'false']).default('true') }) };

/** Routes of runs that are neither a command nor a read model: their events as they come, and running one to its end. */
export function mountRunRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get('/runtime/runs/:run_id/events', (request, reply) => streamEvents(request, reply, gateway));
  app.post('/workflows/:workflow_id/execute', (request, reply) => execute(request, reply, gateway));
}

/** Server-sent events; the id of each is its version in the run's stream, so `Last-Event-ID` goes on without a gap. */
async function streamEvents(request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const { workspace_id } = contextOf(request, reply);
  const { run_id, from, follow } = parseParams(StreamParams, { ...(request.query as object), ...(request.params as object) });
  const stream: StreamRef = { workspace_id, category: 'run', stream_id: run_id };
  const after = lastEventId(request) ?? (from ?? 1) - 1;
  const [first] = await gateway.log.readStream(stream, { from: 1, to: 1 });
  if (!first) throw new Failure('missing', 'run-not-found', `There is no run "${run_id}" in workspace "${workspace_id}".`);
  if (follow === 'false' || (header(request, 'accept') ?? '').includes('application/json')) {
    return reply.send({ items: await gateway.log.readStream(stream, { from: after + 1 }) });
  }
  const closed = new AbortController();
  request.raw.on('close', () => closed.abort());
  void reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' });
  return reply.send(Readable.from(frames(gateway, stream, after, closed.signal)));
}

async function* frames(gateway: Gateway, stream: StreamRef, after: number, signal: AbortSignal): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  const events = followStream(gateway.log, gateway.watch, stream, after, signal);
  let next = events.next();
  try {
    for (;;) {
      const event = await orHeartbeat(next);
      if (event === 'heartbeat') {
        yield ': still here\n\n';
        continue;
      }
      if (event.done) return;
      yield frame(event.value);
      crashPoint('gateway.in-sse-frame');
      if (ENDS.has(event.value.type)) return;
      next = events.next();
    }
  } finally {
    await events.return(undefined);
  }
}

const frame = (event: EventEnvelope): string => `id: ${event.version}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

async function orHeartbeat(next: Promise<IteratorResult<EventEnvelope, void>>): Promise<IteratorResult<EventEnvelope, void> | 'heartbeat'> {
  let timer: NodeJS.Timeout | undefined;
  const heartbeat = new Promise<'heartbeat'>((resolve) => (timer = setTimeout(() => resolve('heartbeat'), HEARTBEAT_MS)));
  try {
    return await Promise.race([next, heartbeat]);
  } finally {
    clearTimeout(timer);
  }
}

function lastEventId(request: FastifyRequest): number | undefined {
  const value = header(request, 'last-event-id');
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Failure('invalid', 'bad-last-event-id', 'Last-Event-ID is not one that this stream gave out.', {
    errors: [{ field: 'header Last-Event-ID', rule: 'must be a version number', remedy: 'leave it out to begin at the first event' }],
  });
}

/** Creates a run and waits for its end, at most `Prefer: wait=<seconds>` (default 30); then answers what it is by then. */
async function execute(request: FastifyRequest, reply: FastifyReply, gateway: Gateway): Promise<FastifyReply> {
  const body = bodyOf(request);
  const context = contextOf(request, reply, body);
  const accepted = await gateway.command('run.create', { ...body, ...(request.params as object) }, context);
  const seconds = Math.min(LONGEST_WAIT_SECONDS, Number(/wait=(\d+)/.exec(header(request, 'prefer') ?? '')?.[1] ?? 30));
  const stream: StreamRef = { workspace_id: context.workspace_id, category: 'run', stream_id: accepted.id };
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), closedBy(request)]);
  let ended = false;
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    ended = ENDS.has(event.type);
    if (ended) break;
  }
  const feature = gateway.features.of('run');
  const now = await loadState(gateway.log, feature, stream);
  const entity = feature.view(now.state, accepted.id);
  const log = { ...accepted.log, version: now.version };
  return answer(reply, { status: ended ? 200 : 202, path: '/runtime/runs' }, { ...accepted, entity, log }, context);
}

function closedBy(request: FastifyRequest): AbortSignal {
  const closed = new AbortController();
  request.raw.on('close', () => closed.abort());
  return closed.signal;
}
