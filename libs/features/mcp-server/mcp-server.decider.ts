import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import {
  evolveMcpServer,
  type ExecutorCommand,
  initialMcpServer,
  type McpServerCommand,
  type McpServerEvent,
  type McpServerState,
} from './mcp-server.state.ts';

/** A server whose asking ends the asker so often is not asked again until somebody wants it. */
const ATTEMPTS = 5;

const isOfExecutor = (command: McpServerCommand): command is ExecutorCommand =>
  command.type === 'mcp_server.advance' || command.type === 'mcp_server.recover' || command.type === 'mcp_server.record';

function decide(command: McpServerCommand, state: McpServerState): Decision<McpServerEvent> {
  if (isOfExecutor(command)) return decideDiscovery(command, state);
  const id = command.meta.stream_id;
  if (command.type === 'mcp_server.create') {
    const { name, config } = command.data;
    if (state.status === 'none') return [{ type: 'mcp_server.created', data: { name, config } }];
    return reject('conflict', 'mcp-server-exists', `The id "${id}" is taken, maybe by a deleted server: take another mcp_server_id.`);
  }
  if (command.type === 'mcp_server.delete' && state.status === 'deleted') return [];
  if (state.status === 'none' || state.status === 'deleted') {
    return reject('missing', 'mcp-server-not-found', `There is no MCP server "${id}" in this workspace.`);
  }
  switch (command.type) {
    case 'mcp_server.refresh':
      // One that is on its way will tell what there is now.
      return state.status === 'pending' || state.status === 'discovering' ? [] : [{ type: 'mcp_server.refresh_requested', data: {} }];
    case 'mcp_server.delete':
      return [{ type: 'mcp_server.deleted', data: {} }];
  }
}

function decideDiscovery(command: ExecutorCommand, { status, discovery, attempt }: McpServerState): Decision<McpServerEvent> {
  switch (command.type) {
    case 'mcp_server.advance':
      return status === 'pending' ? [{ type: 'mcp_server.discovery_started', data: { discovery: discovery + 1, attempt: 1 } }] : [];
    case 'mcp_server.recover':
      if (status !== 'discovering') return [];
      if (attempt < ATTEMPTS) return [{ type: 'mcp_server.discovery_started', data: { discovery, attempt: attempt + 1 } }];
      return [failed(discovery, { code: 'mcp-discovery-crashed', message: `Whoever asked the server died, ${ATTEMPTS} times: look at it, then refresh.` })];
    case 'mcp_server.record': {
      const { data } = command;
      if (status !== 'discovering' || data.discovery !== discovery || data.attempt !== attempt) return [];
      return data.outcome.status === 'failed'
        ? [failed(discovery, data.outcome.error)]
        : [{ type: 'mcp_server.discovered', data: { discovery, catalog: data.outcome.catalog } }];
    }
  }
}

const failed = (discovery: number, error: { readonly code: string; readonly message: string }): McpServerEvent => ({
  type: 'mcp_server.discovery_failed',
  data: { discovery, error },
});

export const mcpServerDecider: Decider<McpServerState, McpServerCommand, McpServerEvent> = { initial: initialMcpServer, decide, evolve: evolveMcpServer };
