import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { Failure } from '@agent-platform/kernel/index';
import { mayHaveArrived, type HttpRequest } from '@agent-platform/ports/http.port';
import { createHttpPort, type HttpPortConfig } from '../index.ts';

/** Servers, ports and sockets of adapter tests: made in a test, gone after it. */
export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Listens on a free loopback port, and answers its number. */
export async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

export const serve = (listener: RequestListener) => listen(createServer(listener));
/** A server that answers the first bytes as it likes. */
export const serveRaw = (onData: (socket: Socket) => void) => listen(createTcpServer((socket) => socket.once('data', () => onData(socket))));

/** `send` of a port with this configuration. */
export function port(config: HttpPortConfig) {
  const made = createHttpPort(config);
  cleanups.push(() => made.close());
  return (request: Partial<HttpRequest> & { url: string }, signal = new AbortController().signal) =>
    made.send({ method: 'GET', headers: {}, timeout_ms: 5_000, ...request }, { signal });
}

/** `send` of a port that may reach these loopback ports. */
export const toLocal = (ports: number[], config: HttpPortConfig = {}) => port({ allow: ports.map((p) => `127.0.0.1:${p}`), ...config });

/** What a call failed with; throws when it did not, or with anything but a Failure. */
export const failed = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  return { code: error.code, kind: error.kind, sent: mayHaveArrived(error) };
};
