import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createMcpHandler, localhostAllowedHostnames, localhostAllowedOrigins, validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Failure } from '@agent-platform/kernel/index';
import type { Gateway } from '../gateway.ts';
import { LONG } from '../pressure.ts';
import { contextOf, header } from '../request-context.ts';
import { createMcpServer } from './server.ts';
import { cancelByConnection, type CancelBySession } from './sessions.ts';

/**
 * The door for MCP clients, old and new, at `/mcp`: streamable HTTP, without state. GET and DELETE, which old clients try
 * for sessions, are answered with 405 as the protocol has it.
 */
export function mountMcp(app: FastifyInstance, gateway: Gateway, sessions: CancelBySession): void {
  app.route({ method: ['GET', 'POST', 'DELETE'], url: '/mcp', ...LONG, handler: (request, reply) => serve(request, reply, gateway, sessions) });
}

async function serve(request: FastifyRequest, reply: FastifyReply, gateway: Gateway, sessions: CancelBySession): Promise<FastifyReply> {
  refuseStrangers(request);
  const context = contextOf(request);
  const session = header(request, 'mcp-session-id');
  sessions.hear(session, request.body);
  const opened = sessions.open(request.body);
  const handler = createMcpHandler(
    ({ era }) => createMcpServer(gateway, context, era === 'modern' ? cancelByConnection : sessions.of(session)),
    // Nothing is ever told to a subscriber: the list of tools is asked for.
    { maxSubscriptions: 0, onerror: (error) => gateway.logger.debug({ error, request_id: request.id }, 'an MCP request was refused') },
  );
  reply.hijack();
  if (opened !== null) reply.raw.setHeader('mcp-session-id', opened);
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
  // A request of a server always has both; only its type allows clients' messages too.
  const raw = request.raw as typeof request.raw & { method: string; url: string };
  await toNodeHandler(handler)(raw, reply.raw, request.body);
  return reply;
}

/**
 * Pages of other sites are no MCP clients: a browser says where a request comes from, and a page that had its name pointed
 * at this machine (DNS rebinding) names a host that a gateway on loopback does not have.
 */
function refuseStrangers(request: FastifyRequest): void {
  const origin = validateOriginHeader(request.headers.origin, localhostAllowedOrigins());
  const local = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.localAddress ?? '');
  const host = local ? validateHostHeader(request.headers.host, localhostAllowedHostnames()) : { ok: true };
  if (origin.ok && host.ok) return;
  throw new Failure('denied', 'mcp-origin', 'MCP is not for pages of other sites: the Origin or the Host of the request is not this machine.');
}
