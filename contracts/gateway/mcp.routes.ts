import { z } from 'zod';
import { Id, JsonObject, JsonValue, LogRef } from '../kit/index.ts';
import { McpConfig } from '../nodes/mcp.config.ts';
import { defineRoutes } from './route.ts';

const { tool, resource, prompt } = McpConfig.shape;
const McpCallAnswer = z
  .object({
    tool_call_id: Id,
    status: z.enum(['selected', 'running', 'completed', 'failed', 'cancelled']),
    output_json: JsonValue.meta({ description: '`content` as the server sent it: blocks of a tool, contents of a resource, messages of a prompt' }),
    output_text: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    latency_ms: z.number().nullable(),
    workspace_id: z.string(),
    log: LogRef,
  })
  .meta({ id: 'McpCall' });

export const mcpRoutes = defineRoutes({
  /** The door for MCP clients; also at `/mcp`. What stands in the messages is the Model Context Protocol's. */
  'mcp.message': {
    method: 'POST',
    path: '/mcp',
    summary: 'Model Context Protocol (streamable HTTP): published workflows, tools and skills of the workspace as tools, for clients old and new.',
    body: z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string(), params: JsonObject.optional() }).meta({ id: 'McpMessage' }),
    answer: JsonObject,
    media: ['application/json', 'text/event-stream'],
  },
  'mcp.call': {
    method: 'POST',
    path: '/mcp/servers/{mcp_server_id}/calls',
    summary:
      'Call a tool of an MCP server, read a resource or get a prompt, and wait for the answer, 30 seconds or as long as `Prefer: wait=<seconds>` says (at most 120). No run is made.',
    params: z.object({ mcp_server_id: Id }),
    body: z
      .strictObject({
        tool,
        resource,
        prompt,
        input: JsonObject.optional().meta({ description: 'Arguments of the tool or the prompt' }),
        timeout_seconds: z.number().positive().max(600).optional(),
      })
      .meta({ id: 'CallMcpServer' }),
    answer: McpCallAnswer,
    also: { 202: McpCallAnswer },
  },
});
