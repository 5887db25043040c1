import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

/** What the authorization server was asked, in order, and how it and the MCP server behave. */
export interface SignInServer {
  readonly port: number;
  readonly origin: string;
  /** Bodies of registrations of clients. */
  readonly registered: Record<string, unknown>[];
  /** Grants that tokens were asked with. */
  readonly grants: string[];
  readonly revoked: string[];
  /** Everything secret that was ever given out. */
  readonly secrets: string[];
  /** The person says no. */
  denies: boolean;
  /** Grants are taken back: nothing is renewed. */
  refuses: boolean;
  /** No access token that was given so far is taken any more. */
  expire(): void;
  close(): void;
}

interface Grant {
  readonly scope: string;
  readonly challenge?: string;
}
const SCOPE = 'read';

/** An MCP server at which people sign in, and its authorization server: PKCE is checked, codes and refresh tokens work once. */
export async function startSignInServer(): Promise<SignInServer> {
  const codes = new Map<string, Grant>();
  const refreshes = new Map<string, Grant>();
  const accesses = new Map<string, Grant>();
  const secret = (): string => {
    const made = `canary${randomBytes(18).toString('hex')}`;
    known.secrets.push(made);
    return made;
  };
  const known = { registered: [] as Record<string, unknown>[], grants: [] as string[], revoked: [] as string[], secrets: [] as string[] };
  const behaviour = { denies: false, refuses: false };

  const serve = toNodeHandler(
    createMcpHandler(() => {
      const mcp = new McpServer({ name: 'people', version: '1' });
      mcp.registerTool('read', {}, ({ http }) => ({ content: [{ type: 'text', text: `you sent ${http?.req?.headers.get('authorization') ?? 'nothing'}` }] }));
      mcp.registerTool('write', {}, () => ({ content: [{ type: 'text', text: 'written' }] }));
      return mcp;
    }),
  );
  const json = (response: ServerResponse, body: object, status = 200): unknown =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const tokens = (response: ServerResponse, grant: Grant): unknown => {
    const [access_token, refresh_token] = [secret(), secret()];
    accesses.set(access_token, grant);
    refreshes.set(refresh_token, grant);
    return json(response, { access_token, refresh_token, token_type: 'Bearer', expires_in: 3600, scope: grant.scope });
  };
  const token = (response: ServerResponse, form: URLSearchParams): unknown => {
    const kind = form.get('grant_type') ?? '';
    known.grants.push(kind);
    const [held, name] = kind === 'refresh_token' ? [refreshes, form.get('refresh_token') ?? ''] : [codes, form.get('code') ?? ''];
    const grant = held.get(name);
    held.delete(name);
    const hash = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isProven = kind === 'refresh_token' ? !behaviour.refuses : grant?.challenge === hash && form.get('resource') === `${origin}/mcp`;
    return grant && isProven ? tokens(response, grant) : json(response, { error: 'invalid_grant', error_description: `no grant for ${name}` }, 400);
  };
  const authorize = (response: ServerResponse, asked: URLSearchParams): unknown => {
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    const code = secret();
    codes.set(code, { scope: asked.get('scope') ?? '', challenge: asked.get('code_challenge') ?? '' });
    if (behaviour.denies) back.searchParams.set('error', 'access_denied');
    else back.searchParams.set('code', code);
    return response.writeHead(302, { location: back.href }).end();
  };
  const resource = (request: IncomingMessage, response: ServerResponse, body: string): unknown => {
    const grant = accesses.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const where = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    const refuse = (status: number, challenge: string): unknown => response.writeHead(status, { 'www-authenticate': `Bearer ${challenge}, ${where}` }).end();
    if (!grant) return refuse(401, `scope="${SCOPE}"`);
    if (body.includes('"name":"write"') && !grant.scope.split(' ').includes('write')) return refuse(403, 'error="insufficient_scope", scope="write"');
    return serve(request as Parameters<typeof serve>[0], response, body === '' ? undefined : JSON.parse(body));
  };
  const answer = (request: IncomingMessage, response: ServerResponse, body: string): unknown => {
    const { pathname, searchParams } = new URL(request.url ?? '', origin);
    if (pathname.startsWith('/.well-known/oauth-protected-resource')) return json(response, { resource: `${origin}/mcp`, authorization_servers: [origin] });
    if (pathname === '/.well-known/oauth-authorization-server') return json(response, metadata(origin));
    if (pathname === '/authorize') return authorize(response, searchParams);
    if (pathname === '/token') return token(response, new URLSearchParams(body));
    if (pathname === '/register') {
      const client = JSON.parse(body) as Record<string, unknown>;
      known.registered.push(client);
      return json(
        response,
        { ...client, client_id: `client-${known.registered.length}`, client_secret: secret(), token_endpoint_auth_method: 'client_secret_post' },
        201,
      );
    }
    if (pathname === '/revoke') {
      known.revoked.push(new URLSearchParams(body).get('token') ?? '');
      return response.end();
    }
    return pathname === '/mcp' ? resource(request, response, body) : response.writeHead(404).end();
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => void answer(request, response, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return Object.assign(behaviour, known, { port, origin, expire: () => accesses.clear(), close: () => (server.closeAllConnections(), void server.close()) });
}

const metadata = (origin: string): object => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  revocation_endpoint: `${origin}/revoke`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
});
