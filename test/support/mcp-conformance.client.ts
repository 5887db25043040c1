import type { McpOAuth, McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { createMcpPort } from '@agent-platform/adapter-mcp/index';

/*
 * The client of the platform, as the official conformance suite starts it: the address of the suite's own server is the
 * last argument, what it is to do is in the environment.
 */
const url = process.argv.at(-1) ?? '';
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Readonly<Record<string, string>>;

/** The authorization server of the suite is on a port of its own; a person who registers a client there knows it. */
async function issuerOf(server: string): Promise<string> {
  const { origin, pathname } = new URL(server);
  for (const path of [`/.well-known/oauth-protected-resource${pathname}`, '/.well-known/oauth-protected-resource']) {
    const answer = await fetch(`${origin}${path}`);
    if (answer.ok) return ((await answer.json()) as { authorization_servers: [string] }).authorization_servers[0];
  }
  throw new Error(`${server} names no authorization server`);
}

async function credentials(): Promise<McpOAuth> {
  const { client_id = '', client_secret, private_key_pem, signing_algorithm = 'ES256' } = context;
  const known = { issuer: await issuerOf(url), client_id };
  return client_secret === undefined ? { ...known, private_key: private_key_pem, algorithm: signing_algorithm } : { ...known, client_secret };
}

const CALLS: Readonly<Record<string, { readonly tool: string; readonly arguments: Record<string, number> }>> = {
  tools_call: { tool: 'add_numbers', arguments: { a: 2, b: 3 } },
  'sse-retry': { tool: 'test_reconnection', arguments: {} },
};

const port = createMcpPort({ fetch, stdioAllow: [] });
const limits = { signal: new AbortController().signal, timeout_ms: 10_000, scope: 'conformance' };
const server: McpServerConfig = { transport: 'streamable_http', url, ...(scenario.startsWith('auth/') && { oauth: await credentials() }) };
await port.discover(server, limits);
const call = CALLS[scenario];
if (call) await port.call(server, { ...call, key: scenario }, { ...limits, onProgress: () => undefined });
await port.close();
