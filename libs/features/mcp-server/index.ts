import { mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { mcpServerDecider } from './mcp-server.decider.ts';
import { prepareCode, prepareMcpServer } from './mcp-server.prepare.ts';
import { mcpServerProjection, mcpServerQueries } from './mcp-server.projection.ts';
import { type McpServerCommand, type McpServerEvent, type McpServerState, mcpServerView } from './mcp-server.state.ts';

export { createMcpServerExecutor } from './mcp-server.executor.ts';
export { lookUpMcpServer, lookUpMcpToken } from './mcp-server.resolve.ts';

/** MCP servers of others: where they are, and what they offer. */
export const mcpServerFeature: Feature<McpServerState, McpServerCommand, McpServerEvent> = defineFeature({
  contract: mcpServerContract,
  decider: mcpServerDecider,
  view: mcpServerView,
  prepare: { 'mcp_server.create': prepareMcpServer, 'mcp_server.finish_authorization': prepareCode },
  projections: [mcpServerProjection],
  queries: mcpServerQueries,
});
