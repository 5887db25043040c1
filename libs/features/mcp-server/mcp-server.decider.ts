import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { decideNext, decideOutcome, recoverFrom } from './mcp-server.progress.ts';
import {
  evolveMcpServer,
  type ExecutorCommand,
  initialMcpServer,
  type McpServerCommand,
  type McpServerEvent,
  type McpServerState,
} from './mcp-server.state.ts';
import { decideSignIn, isSignIn } from './sign-in.decider.ts';

const EXECUTORS: ReadonlySet<string> = new Set<ExecutorCommand['type']>([
  'mcp_server.advance',
  'mcp_server.recover',
  'mcp_server.record',
  'mcp_server.record_step',
]);
const isOfExecutor = (command: McpServerCommand): command is ExecutorCommand => EXECUTORS.has(command.type);

function decide(command: McpServerCommand, state: McpServerState): Decision<McpServerEvent> {
  if (isOfExecutor(command)) return decideProgress(command, state);
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
  if (isSignIn(command)) return decideSignIn(command, state);
  switch (command.type) {
    case 'mcp_server.refresh':
      // One that is on its way will tell what there is now.
      return state.status === 'pending' || state.status === 'discovering' ? [] : [{ type: 'mcp_server.refresh_requested', data: {} }];
    case 'mcp_server.delete':
      return [{ type: 'mcp_server.deleted', data: {} }];
  }
}

function decideProgress(command: ExecutorCommand, state: McpServerState): Decision<McpServerEvent> {
  if (state.status === 'none') return [];
  const { now } = command.meta;
  if (command.type === 'mcp_server.advance') return decideNext(state, now);
  if (command.type === 'mcp_server.recover') return recoverFrom(state);
  const recorded = decideOutcome(command, state, now);
  // Nobody says advance again: what follows from an outcome is decided with it.
  return [...recorded, ...(recorded.length === 0 ? [] : decideNext(recorded.reduce(evolveMcpServer, state), now))];
}

export const mcpServerDecider: Decider<McpServerState, McpServerCommand, McpServerEvent> = { initial: initialMcpServer, decide, evolve: evolveMcpServer };
