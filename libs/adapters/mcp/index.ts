export { createMcpPort } from './mcp.adapter.ts';
