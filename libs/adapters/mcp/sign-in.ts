import { setTimeout as pause } from 'node:timers/promises';
import { auth, OAuthError, OAuthErrorCode, type OAuthTokens, refreshAuthorization } from '@modelcontextprotocol/client';
import type { McpAuthorizationCode } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import { Failure } from '@agent-platform/kernel/index';
import type { McpOAuthPort, McpTokens } from '@agent-platform/ports/mcp-oauth.port';
import { configuredClient, PersonProvider, type SignInMemory } from './person.provider.ts';
import { revokeToken } from './revoke.ts';

const MESSAGE_CHARACTERS = 500;
const PAUSE_MS = 100;

/** The steps of signing in, by the helpers of the SDK. Whatever they ask goes through the door that is given. */
export function createSignIn(door: typeof fetch): McpOAuthPort {
  return {
    prepare: ({ url, oauth, scope, resource_metadata, redirect_uri, ...asked }, signal) =>
      step(door, signal, async (fetchFn) => {
        const provider = new PersonProvider({ redirect_uri }, oauth, asked);
        const wanted = oauth?.scope ?? scope;
        const metadata = resource_metadata === null ? null : URL.parse(resource_metadata);
        await auth(provider, { serverUrl: url, fetchFn, ...(wanted !== null && { scope: wanted }), ...(metadata && { resourceMetadataUrl: metadata }) });
        const { address, memory } = provider;
        if (!address || !/^https?:$/.test(address.protocol)) throw new Error('The authorization server has no address for a browser.');
        return { authorization_url: address.href, issuer: discoveryOf(memory).issuer, memory: JSON.stringify(memory) };
      }),
    exchange: ({ url, oauth, memory, code, iss }, signal) =>
      step(door, signal, async (fetchFn) => {
        const provider = new PersonProvider(JSON.parse(memory) as SignInMemory, oauth);
        await auth(provider, { serverUrl: url, fetchFn, authorizationCode: code, ...(iss !== undefined && { iss }) });
        if (!provider.received) throw new Error('The authorization server gave no token.');
        return tokensOf(provider.received);
      }),
    renew: ({ oauth, memory, refresh_token: refreshToken }, signal) =>
      step(door, signal, async (fetchFn) => {
        const { url, ...known } = recall(memory, oauth);
        return tokensOf(await refreshAuthorization(url, { ...known, refreshToken, fetchFn }));
      }),
    pause: (signal) => pause(PAUSE_MS, undefined, { signal }),
    revoke: ({ oauth, memory, tokens }, signal) =>
      step(door, signal, async (fetchFn) => {
        const { metadata, clientInformation } = recall(memory, oauth);
        let told = true;
        // Servers that forget what came of a refresh token know nothing of the other any more, and say so by 200.
        for (const token of [tokens.refresh_token, tokens.access_token])
          if (token !== null) told = (await revokeToken(token, { metadata, clientInformation, fetchFn })) && told;
        return told;
      }),
  };
}

function discoveryOf({ discovery }: SignInMemory) {
  if (!discovery) throw new Error('The authorization server was not found.');
  const { authorizationServerUrl: url, authorizationServerMetadata: metadata } = discovery;
  return { url, issuer: metadata?.issuer ?? url, ...(metadata && { metadata }) };
}

/** What requests after the first sign-in are made with. */
function recall(memory: string, oauth: McpAuthorizationCode | undefined) {
  const known = JSON.parse(memory) as SignInMemory;
  const clientInformation = configuredClient(oauth) ?? known.client;
  if (!clientInformation) throw new Error('The client that the tokens were given to is not known any more.');
  const { url, metadata } = discoveryOf(known);
  return { url, clientInformation, ...(metadata && { metadata }), ...(known.resource !== undefined && { resource: known.resource }) };
}

const tokensOf = ({ access_token, refresh_token, expires_in, scope }: OAuthTokens): McpTokens => ({
  access_token,
  refresh_token: refresh_token ?? null,
  expires_in: expires_in ?? null,
  scope: scope ?? null,
});

/** Does a step, and says what went wrong as the port's contract has it. */
async function step<T>(door: typeof fetch, signal: AbortSignal, work: (fetchFn: typeof fetch) => Promise<T>): Promise<T> {
  // The SDK makes errors of its own of what the door refuses, and of what never answered.
  let lost: unknown;
  const fetchFn: typeof fetch = async (input, init) => {
    try {
      return await door(input, { ...init, signal });
    } catch (error) {
      lost = error;
      throw error;
    }
  };
  try {
    return await work(fetchFn);
  } catch (error) {
    throw explained(error, lost);
  }
}

function explained(error: unknown, lost: unknown): Failure {
  if (lost instanceof Failure) return lost;
  const cause = { cause: error };
  const said = (error instanceof Error ? error.message : 'unknown').slice(0, MESSAGE_CHARACTERS);
  const isUnable = error instanceof OAuthError && (error.code === OAuthErrorCode.ServerError || error.code === OAuthErrorCode.TemporarilyUnavailable);
  if (lost !== undefined || isUnable)
    return new Failure('transient', 'mcp-sign-in-unreachable', `The authorization server does not answer as one (${said}).`, cause);
  if (error instanceof OAuthError) return new Failure('invalid', 'mcp-sign-in-refused', `The authorization server refused: ${error.code}: ${said}`, cause);
  return new Failure('invalid', 'mcp-sign-in-impossible', `Nobody can sign in: ${said}`, cause);
}
