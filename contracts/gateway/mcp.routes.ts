import { z } from 'zod';
import { JsonObject } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

/** The door for MCP clients; also at `/mcp`. What stands in the messages is the Model Context Protocol's. */
export const mcpRoutes = defineRoutes({
  'mcp.message': {
    method: 'POST',
    path: '/mcp',
    summary: 'Model Context Protocol (streamable HTTP): published workflows and tools of the workspace as tools, for clients old and new.',
    body: z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string(), params: JsonObject.optional() }).meta({ id: 'McpMessage' }),
    answer: JsonObject,
    media: ['application/json', 'text/event-stream'],
  },
});
