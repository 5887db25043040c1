import { type IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { Failure } from '@agent-platform/kernel/index';

/** Bytes of one message of a client; none is expected. */
const MAX_MESSAGE = 1_024;

const upgrades = new WeakMap<IncomingMessage, { readonly socket: Duplex; readonly head: Buffer }>();

/** For the server: everything else that asks for an upgrade, such as h2c, stays the plain request that it also is. */
export const webSocketsOnly: Pick<ServerOptions, 'shouldUpgradeCallback'> = {
  shouldUpgradeCallback: ({ method, headers }) => method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket',
};

/**
 * Leads requests for a WebSocket through the same router, hooks and refusals as all others: only a route that calls
 * `acceptWebSocket` makes one of them.
 */
export function routeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrades.set(request, { socket, head });
    // Until ws takes over, nobody else listens.
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    // Always a socket of the network here; Node's types allow for tests with other streams.
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end());
    app.routing(request, response);
  });
}

/**
 * Makes the WebSocket that the request asks for, unless a page of another site does: pages may open WebSockets anywhere
 * and read them, which CORS keeps them from otherwise. Null: the handshake was none, or the caller has gone; ws has answered. Throws Failure('invalid', 'upgrade-required') with status 426, Failure('denied', 'foreign-origin').
 */
export async function acceptWebSocket(request: FastifyRequest, reply: FastifyReply): Promise<WebSocket | null> {
  const upgrade = upgrades.get(request.raw);
  if (!upgrade) {
    void reply.header('upgrade', 'websocket');
    throw new Failure('invalid', 'upgrade-required', 'This is a WebSocket; connect with a WebSocket client.', { status: 426 });
  }
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) {
    throw new Failure('denied', 'foreign-origin', `Pages of ${origin.slice(0, 200)} may not listen here: only those of this gateway may.`);
  }
  // Loaded when it is needed: most gateways never are asked for one.
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE });
  reply.hijack();
  return new Promise((resolve) => {
    upgrade.socket.once('close', () => resolve(null));
    server.handleUpgrade(request.raw, upgrade.socket, upgrade.head, resolve);
  });
}
