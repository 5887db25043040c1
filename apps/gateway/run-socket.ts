import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { type RunFrame, SOCKET_CLOSES } from '@agent-platform/contracts/gateway/run.frame';
import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure, toFailure, toProblem } from '@agent-platform/kernel/index';
import { loadState } from '@agent-platform/runtime/lookup';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { LONG } from './pressure.ts';
import { contextOf } from './request-context.ts';
import { RUN_ENDS } from './run-end.ts';
import { acceptWebSocket } from './upgrade.ts';

/** Times in milliseconds. */
export interface SocketLimits {
  /** Longest time that a frame may wait for the reader. */
  readonly stallMs: number;
  /** Between two pings; a reader that has not answered one by the next is gone. */
  readonly heartbeatMs: number;
  /** For the last words after the closing: then the connection is cut. */
  readonly graceMs: number;
}

const SOCKET_LIMITS: SocketLimits = { stallMs: 30_000, heartbeatMs: 15_000, graceMs: 2_000 };

/** A frame has not been taken in time. */
class Slow extends Error {}

/**
 * `/runtime/runs/{run_id}/ws`: the events of a run as they come, read from the log, so that none is missed, doubled or out
 * of order. One frame at a time is given to the connection and the next one read when it is taken: what a slow reader
 * has not taken stays in the log. One that takes nothing for `stallMs` is cut with 4408 and goes on with `from`.
 */
export function mountRunSocket(app: FastifyInstance, gateway: Gateway, limits: SocketLimits = SOCKET_LIMITS): void {
  const { 'run.watch': route } = gatewayRoutes;
  app.get(fastifyPath(route.path), LONG, async (request, reply) => {
    const { workspace_id } = contextOf(request);
    const { run_id, from } = parametersOf(route.params, request);
    const socket = await acceptWebSocket(request, reply);
    if (!socket) return reply;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, gateway.closing]);
    socket.once('close', () => stop.abort());
    // What goes wrong with the connection also closes it.
    socket.on('error', () => stop.abort());
    socket.once('message', () => close(SOCKET_CLOSES.notUnderstood, 'nothing can be said here'));
    const heartbeat = beat(socket, limits.heartbeatMs);
    const close = (code: number, reason: string): void => {
      clearInterval(heartbeat);
      stop.abort();
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), limits.graceMs).unref();
    };
    try {
      const stream: StreamRef = { workspace_id, category: 'run', stream_id: run_id };
      for await (const frame of frames(gateway, stream, from, signal)) await send(socket, frame, limits.stallMs);
      if (gateway.closing.aborted) close(SOCKET_CLOSES.goingAway, 'the gateway shuts down: connect again with from');
      else if (!stop.signal.aborted) close(SOCKET_CLOSES.ended, 'the run has ended');
    } catch (error) {
      if (stop.signal.aborted) return reply;
      if (error instanceof Slow) close(SOCKET_CLOSES.slow, 'too slow: connect again with from');
      else {
        const failure = toFailure(error);
        if (failure.kind === 'fault') request.log.error({ error: failure, request_id: request.id }, 'a run could not be told over its WebSocket');
        await send(socket, { type: 'error', run_id, data: toProblem(failure, { request_id: request.id }) }, limits.stallMs).catch(() => undefined);
        close(failure.kind === 'missing' ? SOCKET_CLOSES.missing : SOCKET_CLOSES.fault, failure.code);
      }
    } finally {
      clearInterval(heartbeat);
    }
    return reply;
  });
}

type Status = Extract<RunFrame, { type: 'event' }>['status'];

const STATUS: Readonly<Record<string, Status>> = {
  'run.started': 'running',
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

/** Folding a long run once more for each of its events would cost its length squared. */
const statusAfter = ({ type, data }: EventEnvelope, before: Status): Status =>
  type === 'run.created' ? (data['held'] === true ? 'created' : 'running') : (STATUS[type] ?? before);

/** Everything that is sent of a run, in order. Throws Failure('missing', 'run-not-found'). */
async function* frames(gateway: Gateway, stream: StreamRef, from: number | undefined, signal: AbortSignal): AsyncGenerator<RunFrame> {
  const { features, log, states, watch } = gateway;
  const { stream_id: run_id, workspace_id } = stream;
  const feature = features.of('run');
  const whole = async (type: 'snapshot' | 'end'): Promise<RunFrame> => {
    const { state, version } = await states.load(feature, stream);
    const [newest] = version === 0 ? [] : await log.readStream(stream, { from: version, to: version });
    if (!newest) throw new Failure('missing', 'run-not-found', `There is no run "${run_id}" in workspace "${workspace_id}".`);
    // The feature's own view, in the shape that its contract promises.
    const data = { ...feature.view(state, run_id), workspace_id } as Extract<RunFrame, { type: 'end' }>['data'];
    return { type, run_id, sequence: version, status: data.status, time: newest.time, data };
  };
  const now = (await whole('snapshot')) as Extract<RunFrame, { type: 'snapshot' }>;
  if (from === undefined) yield now;
  const after = from === undefined ? now.sequence : from - 1;
  if (after >= now.sequence && ENDED.has(now.status)) return yield whole('end');
  const before = from === undefined || from === 1 ? null : feature.view((await loadState(log, feature, stream, after)).state, run_id);
  let status = (before?.['status'] ?? now.status) as Status;
  for await (const event of followStream(log, watch, stream, after, signal)) {
    status = statusAfter(event, status);
    const { node_id } = event.data;
    const of = typeof node_id === 'string' ? { node_id } : {};
    yield { type: 'event', run_id, sequence: event.version, status, time: event.time, ...of, data: event };
    if (RUN_ENDS.has(event.type)) return yield whole('end');
  }
}

const ENDED: ReadonlySet<Status> = new Set(['completed', 'failed', 'cancelled']);

/** Resolves when the connection has taken the frame: the memory of one reader is one frame, and what the system buffers. */
function send(socket: WebSocket, frame: RunFrame, stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stalled = setTimeout(() => reject(new Slow()), stallMs);
    socket.send(JSON.stringify(frame), (error) => {
      clearTimeout(stalled);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Ends a connection whose other side is gone without a word. */
function beat(socket: WebSocket, everyMs: number): NodeJS.Timeout {
  let heard = true;
  socket.on('pong', () => (heard = true));
  return setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    socket.ping();
  }, everyMs);
}
