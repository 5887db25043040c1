import { once } from 'node:events';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import type { Gateway } from './gateway.ts';
import { limitPressure } from './pressure.ts';
import { installProblems } from './problem-reply.ts';
import { mountRunSocket, type SocketLimits } from './run-socket.ts';
import { routeUpgrades, webSocketsOnly } from './upgrade.ts';

const stream: StreamRef = { workspace_id: 'public', category: 'run', stream_id: 'r' };
const feature = { decider: { initial: {}, evolve: (state: object) => state }, view: () => ({ id: 'r', status: 'running' }) };
/** More than the buffers of two sockets hold. */
const MANY = 300;
const LARGE = 'x'.repeat(60_000);

const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.server.closeAllConnections();
    await app.close();
  }
});

/** A gateway with one run, how many pages of its events it has read, and when it has left the first reader. */
async function serve(limits: Partial<SocketLimits>, events: readonly string[]) {
  const log = createMemoryEventLog();
  await log.append({
    stream,
    expected: 0,
    events: events.map((type) => ({ type, schema_version: 1, data: { text: LARGE } })),
    cause: { actor: 'a', correlation_id: 'c' },
  });
  const read = { pages: 0 };
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const counted = { ...log, readStream: (...given: Parameters<typeof log.readStream>) => (read.pages++, log.readStream(...given)) };
  const gateway = {
    log: counted,
    features: { of: () => feature },
    states: { load: async () => ({ state: {}, version: events.length }) },
    watch: () => leave,
    closing: new AbortController().signal,
  } as unknown as Gateway;
  const app = Fastify({ http: webSocketsOnly });
  apps.push(app);
  app.decorateRequest('workspaceId', '');
  installProblems(app);
  limitPressure(app, { requests: 10, waiting: 2 });
  routeUpgrades(app);
  mountRunSocket(app, gateway, { stallMs: 60_000, heartbeatMs: 60_000, graceMs: 60_000, ...limits });
  const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws');
  return { read, left, connect: (query = '?from=1') => new WebSocket(`${url}/runtime/runs/r/ws${query}`) };
}

const codeOf = async (socket: WebSocket): Promise<number> => ((await once(socket, 'close')) as [number])[0];

test('a reader that takes nothing is cut with 4408, and goes on where it was; what it did not take was not read', async () => {
  const { read, left, connect } = await serve({ stallMs: 150 }, [...Array<string>(MANY).fill('node.completed'), 'run.completed']);
  const slow = connect();
  const seen: number[] = [];
  const hear = (socket: WebSocket) =>
    socket.on('message', (text: Buffer) => {
      const { sequence, type } = JSON.parse(text.toString()) as { sequence: number; type: string };
      if (type === 'event') seen.push(sequence);
    });
  hear(slow);
  await once(slow, 'open');
  slow.pause();
  await left;
  const pages = read.pages;
  slow.resume();
  expect(await codeOf(slow)).toBe(4408);
  expect(seen.length).toBeLessThan(MANY);
  expect(pages).toBeLessThan(MANY / 50 + 1);
  const again = connect(`?from=${seen.length + 1}`);
  hear(again);
  expect(await codeOf(again)).toBe(1000);
  expect(seen).toEqual(Array.from({ length: MANY + 1 }, (_, index) => index + 1));
});

test('a reader that answers no ping is gone; one that does stays', async () => {
  const { connect } = await serve({ heartbeatMs: 40 }, ['run.created']);
  const living = connect();
  const dead = new WebSocket(living.url, { autoPong: false });
  expect(await codeOf(dead)).toBe(1006);
  expect(living.readyState).toBe(WebSocket.OPEN);
  living.terminate();
});

test('beyond the limit a connection is refused; one that ends makes room', async () => {
  const { connect } = await serve({}, ['run.created']);
  const open = [connect(), connect()];
  await Promise.all(open.map((socket) => once(socket, 'open')));
  const refused = connect();
  refused.on('error', () => undefined);
  const [, response] = await once(refused, 'unexpected-response');
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1']);
  open[0]?.close();
  await once(open[0] as WebSocket, 'close');
  await expect
    .poll(async () => {
      const socket = connect();
      socket.on('error', () => undefined);
      return Promise.race([once(socket, 'open').then(() => (socket.terminate(), 'open')), once(socket, 'unexpected-response').then(() => 'refused')]);
    })
    .toBe('open');
  open[1]?.terminate();
});
