import { z } from 'zod';
import { Id, JsonObject, JsonValue, LogRef } from '../kit/index.ts';
import { McpServerView } from '../mcp-server/mcp-server.contract.ts';
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

const Authorizing = McpServerView.omit({ discovered_at: true, version: true, created_at: true, updated_at: true })
  .extend({ log: LogRef })
  .meta({ id: 'McpAuthorization' });

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
  'mcp.authorize': {
    method: 'POST',
    path: '/mcp/servers/{mcp_server_id}/authorization',
    summary: 'The address at which a person signs in at an MCP server (OAuth 2.1 with PKCE): open it in a browser. The same one again, until it expires.',
    params: z.object({ mcp_server_id: Id }),
    body: z
      .strictObject({
        redirect_uri: z
          .url({ protocol: /^https?$/ })
          .max(2000)
          .optional()
          .meta({ description: 'Where the browser comes back to, instead of the gateway; whoever is there sends mcp_server.finish_authorization' }),
      })
      .meta({ id: 'AuthorizeMcpServer' }),
    answer: Authorizing,
    also: { 202: Authorizing },
  },
  'mcp.callback': {
    method: 'GET',
    path: '/mcp/authorization/callback',
    summary: 'Where browsers come back to from the authorization servers of MCP servers: a page that says what came of it.',
    params: z.object({
      state: z.string(),
      code: z.string().optional(),
      iss: z.string().optional(),
      error: z.string().optional(),
      error_description: z.string().optional(),
    }),
    answer: z.string(),
    media: ['text/html'],
  },
  'mcp.client': {
    method: 'GET',
    path: '/mcp/authorization/client',
    summary: 'What the platform says of itself to authorization servers (OAuth client ID metadata document).',
    answer: JsonObject,
  },
});
