import {
  Client,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { signsInItself } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { Failure } from '@agent-platform/kernel/index';
import type { McpLimits } from '@agent-platform/ports/mcp.port';
import { authorizationRequired } from './mcp.failure.ts';
import { ChildTransport } from './child.transport.ts';
import type { Poolable } from './connection.pool.ts';
import { oauthProvider } from './oauth.provider.ts';
import { LAST_WORDS_MS, pause, watch } from './watched.transport.ts';

export interface McpPortConfig {
  /** The one door to the outside over HTTP: decides which addresses may be reached. */
  readonly fetch: typeof fetch;
  /** Exact command lines (command and arguments, one space between) that may be started. */
  readonly stdioAllow: readonly string[];
}

/** Shorter ones would blot out words that only look like them. */
const SHORTEST_TOKEN = 8;
/** A server that may wish to be asked again at once must not be obeyed. */
const RECONNECT_MS = { least: 250, most: 30_000 };

export interface McpConnection extends Poolable {
  readonly client: Client;
  readonly isProcess: boolean;
  /** Kept when it is closed, by whomever. */
  readonly ended: Promise<void>;
  /** What came out of a question, without the tokens that this connection has: a server may echo what it is sent. */
  withoutTokens<T>(said: T): Promise<T>;
  /** Whom the server wants, if it has refused what it was asked with: the newest it said of that. */
  wants(): Failure | undefined;
  /** What the door refused since the last call of this, or why a process has ended. */
  why(): Failure | string | undefined;
}

/** Connects. New servers are asked as they like it (2026-07-28), old ones are recognised. */
export async function openConnection(server: McpServerConfig, config: McpPortConfig, limits: McpLimits): Promise<McpConnection> {
  // The client makes errors of its own of what the door refuses, and of what the server wants, and loses why.
  let refused: Failure | undefined;
  let wanted: Failure | undefined;
  const byItself = server.transport !== 'stdio' && signsInItself(server.oauth);
  const guarded: typeof fetch = async (...asked) => {
    try {
      const response = await config.fetch(...asked);
      if (response.status === 401 && !byItself && isChallenge(response)) wanted = authorizationRequired(extractWWWAuthenticateParams(response));
      return response;
    } catch (error) {
      if (error instanceof Failure) refused = error;
      throw error;
    }
  };
  const authProvider = server.transport !== 'stdio' && signsInItself(server.oauth) ? oauthProvider(server.oauth) : undefined;
  const transport = transportTo(server, { ...config, fetch: guarded }, authProvider);
  const lastWords = watch(transport);
  const client = new Client(
    { name: 'agent-platform', version: '0.1.0' },
    // Schemas of strangers are not compiled here: what a tool answers is data, whatever it promised.
    {
      versionNegotiation: { mode: 'auto' },
      jsonSchemaValidator: { getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }) },
    },
  );
  let alive = true;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  client.onclose = () => {
    alive = false;
    end();
  };
  const connection = {
    client,
    ended,
    isProcess: transport instanceof ChildTransport,
    get alive() {
      return alive;
    },
    async withoutTokens<T>(said: T): Promise<T> {
      const { access_token = '', refresh_token = '' } = (await authProvider?.tokens()) ?? {};
      const secrets = [access_token, refresh_token].filter((text) => text.length >= SHORTEST_TOKEN);
      if (secrets.length === 0) return said;
      // Tokens are of characters that JSON writes as they are.
      return JSON.parse(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), JSON.stringify(said))) as T;
    },
    wants: () => wanted,
    why() {
      const said = refused ?? (transport instanceof ChildTransport ? transport.ending : undefined);
      refused = undefined;
      return said;
    },
    async close() {
      // A server that gave a session keeps it until it is told.
      if (alive && transport instanceof StreamableHTTPClientTransport)
        await Promise.race([transport.terminateSession().catch(() => undefined), pause(LAST_WORDS_MS)]);
      await lastWords();
      await client.close();
    },
  };
  try {
    await client.connect(transport, options(limits));
    return connection;
  } catch (error) {
    const why = connection.why() ?? wanted;
    await client.close().catch(() => undefined); // What can't be closed has gone.
    if (why instanceof Failure) throw why;
    throw why === undefined ? error : new Error(why, { cause: error });
  }
}

/** Whether a server says that it takes tokens. */
const isChallenge = ({ headers }: Response): boolean => /^bearer\b/i.test(headers.get('www-authenticate') ?? '');

/** The limits, as the client takes them. */
export const options = ({ signal, timeout_ms }: McpLimits) => ({ signal, timeout: timeout_ms, maxTotalTimeout: timeout_ms });

function transportTo(server: McpServerConfig, { fetch, stdioAllow }: McpPortConfig, authProvider: OAuthClientProvider | undefined): Transport {
  if (server.transport === 'stdio') {
    const { command, args = [] } = server;
    if (stdioAllow.includes([command, ...args].join(' '))) return new ChildTransport(command, args);
    throw new Failure(
      'invalid',
      'mcp-stdio-denied',
      'config.command: the operator has not allowed this command line; ask for it to be added to AGENT_PLATFORM_MCP_STDIO_ALLOW, or use HTTP.',
    );
  }
  const url = URL.parse(server.url);
  if (!url) throw new Failure('invalid', 'bad-url', 'config.url: must be an absolute http or https address. Give it as https://host/path.');
  const http = { fetch, requestInit: { headers: server.headers ?? {} }, ...(authProvider && { authProvider }) };
  if (server.transport === 'sse') return new SSEClientTransport(url, http);
  const reconnectionScheduler = (reconnect: () => void, delay: number): (() => void) => {
    const timer = setTimeout(reconnect, Math.min(Math.max(delay, RECONNECT_MS.least), RECONNECT_MS.most)).unref();
    return () => clearTimeout(timer);
  };
  return new StreamableHTTPClientTransport(url, { ...http, reconnectionScheduler });
}
