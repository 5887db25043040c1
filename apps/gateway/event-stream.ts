import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { crashPoint } from '@agent-platform/runtime/crash-point';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { closedBy, RUN_ENDS } from './run-end.ts';

const HEARTBEAT_MS = 15_000;
const SLOWEST_READER_MS = 30_000;

/**
 * Answers with a stream's events as they come, until the run ends, the reader goes or the gateway closes. A reader that
 * takes nothing for 30 s is cut: it reconnects with Last-Event-ID and misses nothing, while what it holds is freed.
 */
export function sendEvents(reply: FastifyReply, gateway: Gateway, stream: StreamRef, after: number): FastifyReply {
  const signal = AbortSignal.any([closedBy(reply), gateway.closing]);
  const body = Readable.from(
    frames(gateway, stream, after, signal, () => reply.raw.destroy()),
    { highWaterMark: 16 },
  );
  return reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }).send(body);
}

async function* frames(gateway: Gateway, stream: StreamRef, after: number, signal: AbortSignal, cut: () => void): AsyncGenerator<string> {
  const events = followStream(gateway.log, gateway.watch, stream, after, signal);
  // Set while a frame is not taken: the generator goes on only when there is room for the next one.
  let stalled = setTimeout(cut, SLOWEST_READER_MS);
  try {
    yield 'retry: 1000\n\n';
    clearTimeout(stalled);
    let next = events.next();
    for (;;) {
      const event = await orHeartbeat(next);
      if (event !== 'heartbeat' && event.done) return;
      stalled = setTimeout(cut, SLOWEST_READER_MS);
      yield event === 'heartbeat' ? ': still here\n\n' : frame(event.value);
      clearTimeout(stalled);
      if (event === 'heartbeat') continue;
      crashPoint('gateway.in-sse-frame');
      if (RUN_ENDS.has(event.value.type)) return;
      next = events.next();
    }
  } finally {
    clearTimeout(stalled);
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
