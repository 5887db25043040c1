import type { McpAuthorizationCode } from '@agent-platform/contracts/mcp-server/mcp-oauth';

/** What is known beforehand of an authorization server, with its secret in clear. */
type Known = { readonly oauth: McpAuthorizationCode | undefined };

/** Where a server says that its authorization server is named, and what it wants there. */
export interface McpChallenge {
  readonly scope: string | null;
  readonly resource_metadata: string | null;
}

export type McpSignInRequest = Known &
  McpChallenge & {
    /** Of the MCP server. */
    readonly url: string;
    readonly redirect_uri: string;
    readonly client_metadata_url: string | undefined;
    /** Comes back with the browser; not to be guessed. */
    readonly state: string;
  };

export interface McpSignInOffer {
  readonly authorization_url: string;
  readonly issuer: string;
  /** What the next steps need: the verifier of PKCE, the client that was registered. A secret. */
  readonly memory: string;
}

export interface McpTokens {
  readonly access_token: string;
  readonly refresh_token: string | null;
  /** Seconds; null: the server doesn't say. */
  readonly expires_in: number | null;
  /** Null: what was asked for. */
  readonly scope: string | null;
}

/**
 * Signing in of a person at the authorization server of an MCP server: OAuth 2.1 with PKCE, as the MCP specification of
 * 2025-11-25 has it, and its predecessors. Throws Failure: invalid `mcp-sign-in-impossible` (what the servers say of
 * themselves), `mcp-sign-in-refused` (the answer of the authorization server), `egress-denied`; transient
 * `mcp-sign-in-unreachable`.
 */
export interface McpOAuthPort {
  /** Finds the authorization server, makes the platform known there, and makes the address for the person. */
  prepare(request: McpSignInRequest, signal: AbortSignal): Promise<McpSignInOffer>;
  /** The code that the browser came back with, for tokens. */
  exchange(
    asked: Known & { readonly url: string; readonly memory: string; readonly code: string; readonly iss?: string },
    signal: AbortSignal,
  ): Promise<McpTokens>;
  renew(asked: Known & { readonly memory: string; readonly refresh_token: string }, signal: AbortSignal): Promise<McpTokens>;
  /** A moment, while somebody else renews the token that is waited for. Rejects when `signal` is aborted. */
  pause(signal: AbortSignal): Promise<unknown>;
  /** True: the authorization server has forgotten the tokens (RFC 7009); false: it has no way to. */
  revoke(asked: Known & { readonly memory: string; readonly tokens: Pick<McpTokens, 'access_token' | 'refresh_token'> }, signal: AbortSignal): Promise<boolean>;
}
