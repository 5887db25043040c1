import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { McpCatalog, McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';

export interface McpCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Named to the server in `_meta`, for those that honour it. */
  readonly key: string;
}

export interface McpProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface McpAnswer {
  /** Blocks as the server sent them: text, images, links, resources. */
  readonly content: JsonValue;
  readonly structured: JsonValue;
  readonly is_error: boolean;
}

export interface McpLimits {
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
}

/**
 * MCP servers, old and new. Headers are in clear here. Throws Failure: invalid `mcp-stdio-denied` (the operator does not
 * allow the command), `egress-denied`, `bad-url`, `mcp-refused` (the server's error); transient `mcp-timeout`,
 * `mcp-unreachable`, `mcp-aborted`. A call that is aborted is cancelled at the server. Nothing is retried.
 */
export interface McpPort {
  discover(server: McpServerConfig, limits: McpLimits): Promise<McpCatalog>;
  call(server: McpServerConfig, call: McpCall, options: McpLimits & { readonly onProgress: (progress: McpProgress) => void }): Promise<McpAnswer>;
}
