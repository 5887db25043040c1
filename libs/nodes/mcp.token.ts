import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { deterministicUuid, Failure } from '@agent-platform/kernel/index';
import { McpChallenged, type McpPort } from '@agent-platform/ports/mcp.port';
import { z } from 'zod';
import type { NodeContext } from './node.ts';

/** A token that a person signed in for, for the moment of a call. */
const McpToken = z.object({
  number: z.int(),
  access_token: z.string(),
  renewable: z.boolean(),
  token_expires_at: z.iso.datetime().nullable(),
  /** Renewals that failed so far. */
  failures: z.int(),
});
export type McpToken = z.output<typeof McpToken>;

/** A token that ends so soon is renewed before it is used. */
const SOON_MS = 30_000;
const REFUSED: ReadonlySet<string> = new Set(['mcp-authorization-required', 'mcp-unauthorized']);
const SCOPE_CHARACTERS = 2_000;

/** A server's config with a token. */
export const withBearer = (config: McpServerConfig, access_token: string): McpServerConfig =>
  config.transport === 'stdio' ? config : { ...config, headers: { ...config.headers, authorization: `Bearer ${access_token}` } };

/** Whose token a request is asked with, and when it was made. */
export type TokenOf = { of: string; at: string | null };

interface Asking<T> {
  readonly oauth: Pick<McpPort['oauth'], 'pause'>;
  readonly context: NodeContext;
  readonly ask: (access_token: string) => Promise<T>;
}

/**
 * Asks with the token of a server. One that expires, or that the server refuses, is renewed once: by the executor of the
 * server, so that two who need it at the same time don't spend its refresh token twice. Throws what the asking throws.
 */
export async function askWithToken<T>({ of: mcp_server_id, at }: TokenOf, { oauth, context, ask }: Asking<T>): Promise<T> {
  const token = await tokenOf(mcp_server_id, context);
  const renew = () => renewed(mcp_server_id, token, { oauth, context });
  const expires = token.renewable && at !== null && token.token_expires_at !== null && Date.parse(token.token_expires_at) < Date.parse(at) + SOON_MS;
  const first = expires ? await renew() : token;
  try {
    return await ask(first.access_token);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'mcp-scope-missing') await wantScope(mcp_server_id, first, error, context);
    if (!REFUSED.has(error.code) || first !== token) throw error;
    return ask((await renew()).access_token);
  }
}

async function tokenOf(mcp_server_id: string, { credentialOf }: NodeContext): Promise<McpToken> {
  const found = (await credentialOf?.(`mcp_server/${mcp_server_id}`)) ?? null;
  if (found === null) throw signInFirst(mcp_server_id);
  return McpToken.parse(JSON.parse(found));
}

/** Why there is no token. */
export const signInFirst = (mcp_server_id: string): Failure =>
  new Failure(
    'invalid',
    'mcp-authorization-required',
    `Nobody is signed in at MCP server "${mcp_server_id}": ask for its authorization, and open the address.`,
  );

/** Has the token renewed, and waits for it. */
async function renewed(mcp_server_id: string, token: McpToken, { oauth, context }: Omit<Asking<never>, 'ask'>): Promise<McpToken> {
  const { workspace_id } = context.stream;
  for (;;) {
    // Again and again: while a step of signing in is under way, nothing is begun. The same renewal has one id, whoever wants it.
    const renewal = deterministicUuid(`mcp-renewal/${workspace_id}/${mcp_server_id}/${token.number}/${token.failures}`);
    await context.command('mcp_server.renew_token', workspace_id, { mcp_server_id, token: token.number }, renewal);
    await oauth.pause(context.signal);
    const now = await tokenOf(mcp_server_id, context);
    if (now.number !== token.number) return now;
    if (now.failures !== token.failures)
      throw new Failure('transient', 'mcp-sign-in-unreachable', `The token of MCP server "${mcp_server_id}" could not be renewed; its error says why.`);
  }
}

async function wantScope(mcp_server_id: string, { number }: McpToken, failure: Failure, { command, key, stream }: NodeContext): Promise<void> {
  const scope = failure.cause instanceof McpChallenged ? failure.cause.challenge.scope : null;
  const data = { mcp_server_id, token: number, scope: scope?.slice(0, SCOPE_CHARACTERS) ?? null, message: failure.message.slice(0, 1_000) };
  await command('mcp_server.require_scope', stream.workspace_id, data, deterministicUuid(`mcp-scope/${stream.workspace_id}/${key}/${number}`));
}
