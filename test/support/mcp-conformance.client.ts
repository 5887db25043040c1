import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { McpAuthorizationCode, McpClientCredentials } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { createMcpPort } from '@agent-platform/adapter-mcp/index';
import { Failure } from '@agent-platform/kernel/index';
import { McpChallenged } from '@agent-platform/ports/mcp.port';

/** What the suite wants of a client: the address of its server, and what somebody who registers a client there gets. */
interface Asked {
  readonly url: string;
  readonly scenario: string;
  readonly context: { readonly client_id?: string; readonly client_secret?: string; readonly private_key_pem?: string; readonly signing_algorithm?: string };
}

/** Where browsers come back to: nobody is there, the address alone says what the authorization server answered. */
const REDIRECT = 'http://127.0.0.1:9/callback';
const CLIENT_DOCUMENT = 'https://conformance-test.local/client-metadata.json';
const SIGN_INS = 3;
const CALLS: Readonly<Record<string, { readonly tool: string; readonly arguments: Record<string, number> }>> = {
  tools_call: { tool: 'add_numbers', arguments: { a: 2, b: 3 } },
  'sse-retry': { tool: 'test_reconnection', arguments: {} },
  'auth/scope-step-up': { tool: 'test-tool', arguments: {} },
};
const { signal } = new AbortController();
const limits = { signal, timeout_ms: 60_000, scope: 'conformance' };

/** The client of the platform, for the official conformance suite; what people do here, it does itself. */
export async function startConformanceClient(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const work = async (): Promise<void> => {
      // Of its own, because the suite waits until nobody is connected any more.
      const port = createMcpPort({ fetch, stdioAllow: [] });
      try {
        await serve(port, JSON.parse(await text(request)) as Asked);
      } finally {
        await port.close();
      }
    };
    work().then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

type Port = ReturnType<typeof createMcpPort>;

/** Asks the server of a scenario, and signs in as often as it wants, within reason. */
async function serve(port: Port, asked: Asked): Promise<void> {
  const { url, scenario, context } = asked;
  const itself = scenario.includes('client-credentials');
  let config: McpServerConfig = { transport: 'streamable_http', url, ...(itself && { oauth: await byItself(asked) }) };
  let granted = '';
  for (let signIns = 0; ; signIns++) {
    try {
      await port.discover(config, limits);
      const call = CALLS[scenario];
      if (call) await port.call(config, { ...call, key: scenario }, { ...limits, onProgress: () => undefined });
      return;
    } catch (error) {
      if (signIns === SIGN_INS || !(error instanceof Failure) || !(error.cause instanceof McpChallenged)) throw error;
      const { scope, resource_metadata } = error.cause.challenge;
      const oauth = context.client_id === undefined ? undefined : await byPerson(asked);
      const wanted = scope === null ? null : [...new Set(`${granted} ${scope}`.trim().split(' '))].join(' ');
      const wish = { url, oauth, redirect_uri: REDIRECT, client_metadata_url: CLIENT_DOCUMENT, state: 'it-is-me', scope: wanted, resource_metadata };
      const { authorization_url, memory } = await port.oauth.prepare(wish, signal);
      const back = new URL((await fetch(authorization_url, { redirect: 'manual' })).headers.get('location') ?? '');
      const { code = '', iss } = Object.fromEntries(back.searchParams) as { readonly code?: string; readonly iss?: string };
      const tokens = await port.oauth.exchange({ url, oauth, memory, code, ...(iss !== undefined && { iss }) }, signal);
      granted = tokens.scope ?? wanted ?? '';
      config = { transport: 'streamable_http', url, headers: { authorization: `Bearer ${tokens.access_token}` } };
    }
  }
}

/** The authorization server of the suite is on a port of its own; a person who registers a client there knows it. */
async function issuerOf(server: string): Promise<string> {
  const { origin, pathname } = new URL(server);
  for (const path of [`/.well-known/oauth-protected-resource${pathname}`, '/.well-known/oauth-protected-resource']) {
    const answer = await fetch(`${origin}${path}`);
    if (answer.ok) return ((await answer.json()) as { authorization_servers: [string] }).authorization_servers[0];
  }
  throw new Error(`${server} names no authorization server`);
}

async function byItself({ url, context }: Asked): Promise<McpClientCredentials> {
  const { client_id = '', client_secret, private_key_pem, signing_algorithm = 'ES256' } = context;
  const known = { issuer: await issuerOf(url), client_id };
  return client_secret === undefined ? { ...known, private_key: private_key_pem, algorithm: signing_algorithm } : { ...known, client_secret };
}

async function byPerson({ url, context: { client_id = '', client_secret } }: Asked): Promise<McpAuthorizationCode> {
  return { grant: 'authorization_code', issuer: await issuerOf(url), client_id, ...(client_secret !== undefined && { client_secret }) };
}
