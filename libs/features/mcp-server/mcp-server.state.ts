import type { Command, CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpCatalog, McpServerConfig, mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';

export type McpServerEvent = EventOf<typeof mcpServerContract>;

export type DiscoveryOutcome =
  | { readonly status: 'completed'; readonly catalog: McpCatalog }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } };

/** What only the executor says. */
export type ExecutorCommand =
  | Command<'mcp_server.advance', object>
  | Command<'mcp_server.recover', object>
  | Command<'mcp_server.record', { readonly discovery: number; readonly attempt: number; readonly outcome: DiscoveryOutcome }>;

export type McpServerCommand = CommandOf<typeof mcpServerContract> | ExecutorCommand;

export interface McpServerState {
  readonly status: 'none' | 'pending' | 'discovering' | 'ready' | 'failed' | 'deleted';
  readonly name: string;
  readonly config: McpServerConfig | null;
  /** Discoveries begun so far, and how often the newest one was. */
  readonly discovery: number;
  readonly attempt: number;
  readonly catalog: McpCatalog | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export const initialMcpServer: McpServerState = { status: 'none', name: '', config: null, discovery: 0, attempt: 0, catalog: null, error: null };

export function evolveMcpServer(state: McpServerState, event: McpServerEvent): McpServerState {
  switch (event.type) {
    case 'mcp_server.created':
      return { ...state, ...event.data, status: 'pending' };
    case 'mcp_server.refresh_requested':
      return { ...state, status: 'pending' };
    case 'mcp_server.discovery_started':
      return { ...state, ...event.data, status: 'discovering' };
    case 'mcp_server.discovered':
      return { ...state, status: 'ready', catalog: event.data.catalog, error: null };
    case 'mcp_server.discovery_failed':
      return { ...state, status: 'failed', error: event.data.error };
    case 'mcp_server.deleted':
      return { ...state, status: 'deleted', catalog: null };
  }
}

/** The server as commands answer it. */
export function mcpServerView({ status, name, config, catalog, error }: McpServerState, id: string): JsonObject | null {
  if (status === 'none' || status === 'deleted') return null;
  // By their schemas both are JSON; only optional fields keep TypeScript from seeing it.
  return { id, name, config: config as unknown as JsonObject, status, catalog: catalog as unknown as JsonObject | null, error };
}
