import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

export interface OAuthMcpServer {
  readonly port: number;
  readonly origin: string;
  /** Basic credentials that came to the token endpoint. */
  readonly credentials: string[];
  close(): void;
}

/** An MCP server that asks for a token, and its authorization server, which gives this one to whoever has credentials. */
export async function startOAuthMcpServer(token: string): Promise<OAuthMcpServer> {
  const credentials: string[] = [];
  const mcp = createMcpHandler(() => {
    const server = new McpServer({ name: 'guarded', version: '1' });
    server.registerTool('whoami', { annotations: { readOnlyHint: true } }, () => ({ content: [{ type: 'text', text: `the holder of ${token}` }] }));
    server.registerTool('fail', {}, () => {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `not for ${token}`);
    });
    return server;
  });
  const serve = toNodeHandler(mcp);
  const json = (response: ServerResponse, body: object): unknown => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  const answer = (request: IncomingMessage, response: ServerResponse): unknown => {
    const { url = '' } = request;
    if (url.startsWith('/.well-known/oauth-protected-resource')) return json(response, { resource: `${origin}/mcp`, authorization_servers: [origin] });
    if (url.startsWith('/.well-known/')) return json(response, metadata());
    if (url === '/token') {
      credentials.push(Buffer.from(String(request.headers.authorization).slice('Basic '.length), 'base64').toString('utf8'));
      return json(response, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
    }
    if (request.headers.authorization === `Bearer ${token}`) return serve(request as Parameters<typeof serve>[0], response);
    const where = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    return response.writeHead(401, { 'www-authenticate': where }).end();
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const metadata = () => ({
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  });
  return { port, origin, credentials, close: () => (server.closeAllConnections(), server.close()) };
}
