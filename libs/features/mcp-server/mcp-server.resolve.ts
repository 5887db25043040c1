import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { Lookup } from '@agent-platform/kernel/index';
import type { ResolvedTool } from '@agent-platform/nodes/node';
import type { McpServerState } from './mcp-server.state.ts';

/** A server as nodes see tools: its newest discovery is the version. Null when there is none, or nothing is known of it yet. */
export async function lookUpMcpServer(workspace_id: string, stream_id: string, lookup: Lookup): Promise<ResolvedTool | null> {
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state({ workspace_id, category: 'mcp_server', stream_id })) as McpServerState | null;
  if (!state || state.status === 'deleted' || state.config === null || state.catalog === null) return null;
  const invoke_config_json = { config: state.config, tools: state.catalog.tools, prompts: state.catalog.prompts } as unknown as JsonObject;
  return {
    tool: { id: stream_id, code: stream_id, name: state.name },
    version: { id: `${stream_id}-${state.discovery}`, number: state.discovery, input_schema_json: {}, invoke_config_json },
    binding: null,
  };
}
