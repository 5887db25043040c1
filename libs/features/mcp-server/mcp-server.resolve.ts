import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { Lookup } from '@agent-platform/kernel/index';
import type { ResolvedTool } from '@agent-platform/nodes/node';
import type { McpToken } from '@agent-platform/nodes/mcp.token';
import type { McpServerState } from './mcp-server.state.ts';
import { sealFor } from './sign-in.seal.ts';

/** A server as nodes see tools: its newest discovery is the version. Null when there is none, or nothing is known of it yet. */
export async function lookUpMcpServer(workspace_id: string, stream_id: string, lookup: Lookup): Promise<ResolvedTool | null> {
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state({ workspace_id, category: 'mcp_server', stream_id })) as McpServerState | null;
  if (!state || state.status === 'deleted' || state.config === null) return null;
  const { sign_in, token } = state.oauth;
  const access = token !== null ? 'person' : sign_in !== null ? 'missing' : 'open';
  // Of one at which nobody has signed in yet, nothing is known but that.
  if (state.catalog === null && access !== 'missing') return null;
  const { tools, prompts } = state.catalog ?? { tools: [], prompts: [] };
  const invoke_config_json = { config: state.config, tools, prompts, access } as unknown as JsonObject;
  return {
    tool: { id: stream_id, code: stream_id, name: state.name },
    version: { id: `${stream_id}-${state.discovery}`, number: state.discovery, input_schema_json: {}, invoke_config_json },
    binding: null,
  };
}

/** Names what `lookUpMcpToken` finds, beside the names of secrets: no template can say it. */
const TOKEN_NAME = /^mcp_server\/(.+)$/;

/** The token that a person signed in for, as nodes need it, in JSON; null when there is none, and undefined when something else is named. */
export async function lookUpMcpToken(workspace_id: string, name: string, lookup: Lookup): Promise<string | null | undefined> {
  const [, stream_id] = TOKEN_NAME.exec(name) ?? [];
  if (stream_id === undefined) return undefined;
  const state = (await lookup.state({ workspace_id, category: 'mcp_server', stream_id })) as McpServerState | null;
  const { token = null, failures = 0 } = state?.oauth ?? {};
  if (token === null) return null;
  const { number, renewable, token_expires_at, sealed } = token;
  const { access_token } = sealFor(lookup.secrets, workspace_id, stream_id).openTokens(sealed);
  return JSON.stringify({ number, failures, renewable, token_expires_at, access_token } satisfies McpToken);
}
