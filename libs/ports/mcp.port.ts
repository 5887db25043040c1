import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { McpCatalog, McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import type { McpChallenge, McpOAuthPort } from './mcp-oauth.port.ts';

/** What a server is asked: to call a tool, to read a resource (by its URI), or for a prompt. */
export type McpQuestion =
  | { readonly tool: string; readonly arguments: JsonObject }
  | { readonly resource: string }
  | { readonly prompt: string; readonly arguments: { readonly [name: string]: string } };

/** `key` is named to the server in `_meta`, for those that honour it. */
export type McpCall = McpQuestion & { readonly key: string };

export interface McpProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface McpAnswer {
  /** As the server sent them: blocks of a tool (text, images, links, resources), contents of a resource, messages of a prompt. */
  readonly content: JsonValue;
  readonly structured: JsonValue;
  readonly is_error: boolean;
}

export interface McpLimits {
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
  /** Who asks, e.g. a workspace: connections are kept for a while, and never used for another one. */
  readonly scope: string;
}

/** Cause of the failures `mcp-authorization-required` and `mcp-scope-missing`: what the server wants. */
export class McpChallenged extends Error {
  override readonly name = 'McpChallenged';
  readonly challenge: McpChallenge;

  constructor(challenge: McpChallenge) {
    super('The server wants another authorization.');
    this.challenge = challenge;
  }
}

/**
 * MCP servers, old and new. Headers and credentials are in clear here. Throws Failure: invalid `mcp-stdio-denied` (the
 * operator does not allow the command), `egress-denied`, `bad-url`, `mcp-refused` (the server's error), `mcp-unauthorized`,
 * `mcp-authorization-required` (a person has to sign in), `mcp-scope-missing`; transient `mcp-timeout`, `mcp-unreachable`, `mcp-busy`, `mcp-aborted`. A call that is aborted is cancelled at the server.
 * Nothing that a server may have begun is asked twice.
 */
export interface McpPort {
  discover(server: McpServerConfig, limits: McpLimits): Promise<McpCatalog>;
  call(server: McpServerConfig, call: McpCall, options: McpLimits & { readonly onProgress: (progress: McpProgress) => void }): Promise<McpAnswer>;
  readonly oauth: McpOAuthPort;
}
