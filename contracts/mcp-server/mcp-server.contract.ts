import { z } from 'zod';
import { defineContract, GetParams, Id, JsonObject, Name, pageOf, PageParams, Time } from '../kit/index.ts';
import { authorizationCommands, authorizationEvents, authorizationView } from './mcp-authorization.ts';
import { McpOAuth } from './mcp-oauth.ts';

const Headers = z.record(z.string().min(1).max(200), z.string().max(8000));
const Url = z.string().min(1).max(4000);

/** Where a server is, and how it is spoken to. Values of secret headers are kept encrypted; `{{ secrets.<name> }}` stands for a secret of the workspace. */
export const McpServerConfig = z
  .discriminatedUnion('transport', [
    z.strictObject({ transport: z.enum(['streamable_http', 'sse']), url: Url, headers: Headers.optional(), oauth: McpOAuth.optional() }),
    z.strictObject({
      transport: z.literal('stdio'),
      command: z.string().min(1).max(1000).meta({ description: 'Only where the operator allows exactly this command line' }),
      args: z.array(z.string().max(1000)).max(100).optional(),
    }),
  ])
  .meta({ id: 'McpServerConfig' });
export type McpServerConfig = z.output<typeof McpServerConfig>;

/** A tool as its server describes it: text of strangers. */
export const McpTool = z
  .object({
    name: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    input_schema: JsonObject,
    /** The server says that calling it again does no harm. */
    repeatable: z.boolean(),
    read_only: z.boolean().optional().meta({ description: 'What the server says; absent: nothing' }),
    destructive: z.boolean().optional().meta({ description: 'What the server says; absent: nothing' }),
  })
  .meta({ id: 'McpTool' });
export type McpTool = z.output<typeof McpTool>;

const Named = z.object({ name: z.string(), title: z.string().nullable(), description: z.string().nullable() });
export const McpCatalog = z.object({
  server: z.object({ name: z.string(), version: z.string(), protocol_version: z.string().nullable() }),
  tools: z.array(McpTool),
  resources: z.array(Named.extend({ uri: z.string(), mime_type: z.string().nullable() })),
  resource_templates: z
    .array(Named.extend({ uri_template: z.string(), mime_type: z.string().nullable() }))
    .optional()
    .meta({ description: 'Whole families of resources, as RFC 6570 templates' }),
  prompts: z.array(Named.extend({ arguments: z.array(z.object({ name: z.string(), required: z.boolean() })) })),
  /** The server has more than is kept. */
  truncated: z.boolean(),
});
export type McpCatalog = z.output<typeof McpCatalog>;

export const McpServerStatus = z.enum(['pending', 'discovering', 'ready', 'failed', 'authorization_required']);
const McpError = z.object({ code: z.string(), message: z.string() });
const discovery = { discovery: z.int().min(1) };

const events = {
  'mcp_server.created': { summary: 'A server was named; its tools are looked up next.', version: 1, data: z.object({ name: Name, config: McpServerConfig }) },
  'mcp_server.refresh_requested': { summary: 'What the server offers is to be looked up again.', version: 1, data: z.object({}) },
  'mcp_server.discovery_started': {
    summary: 'The server is asked what it offers.',
    version: 1,
    data: z.object({ ...discovery, attempt: z.int().min(1) }),
  },
  'mcp_server.discovered': { summary: 'What the server offers.', version: 1, data: z.object({ ...discovery, catalog: McpCatalog }) },
  'mcp_server.discovery_failed': {
    summary: 'The server could not be asked; what was known of it stays.',
    version: 1,
    data: z.object({ ...discovery, error: McpError }),
  },
  'mcp_server.deleted': { summary: 'The server was removed: nothing calls it any more.', version: 1, data: z.object({}) },
  ...authorizationEvents,
} as const;

export const McpServerView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    name: Name,
    config: McpServerConfig,
    status: McpServerStatus,
    catalog: McpCatalog.nullable().meta({ description: 'Of the newest discovery that succeeded' }),
    error: McpError.nullable(),
    discovered_at: Time.nullable(),
    ...authorizationView,
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'McpServer' });

const target = { mcp_server_id: Id };

export const mcpServerContract = defineContract({
  category: 'mcp_server',
  events,
  commands: {
    'mcp_server.create': {
      summary: 'Name an MCP server; what it offers is looked up in the background.',
      target: 'mcp_server_id',
      creates: true,
      data: z.strictObject({ mcp_server_id: Id.optional(), name: Name, config: McpServerConfig }),
      example: { mcp_server_id: 'docs', name: 'Docs', config: { transport: 'streamable_http', url: 'https://docs.example/mcp' } },
    },
    'mcp_server.refresh': {
      summary: 'Look up again what a server offers.',
      target: 'mcp_server_id',
      data: z.strictObject(target),
      example: { mcp_server_id: 'docs' },
    },
    'mcp_server.delete': {
      summary: 'Remove an MCP server.',
      target: 'mcp_server_id',
      data: z.strictObject(target),
      example: { mcp_server_id: 'docs' },
    },
    ...authorizationCommands,
  },
  queries: {
    'mcp_server.get': { summary: 'One MCP server, with what it offers.', params: z.object({ ...target, ...GetParams }), result: McpServerView },
    'mcp_server.list': {
      summary: 'MCP servers, newest first.',
      params: z.object({ ...PageParams, q: z.string().max(200).optional().meta({ description: 'Part of the name' }), status: McpServerStatus.optional() }),
      result: pageOf(McpServerView),
    },
  },
  routes: [
    { method: 'POST', path: '/mcp/servers', command: 'mcp_server.create', status: 201 },
    { method: 'GET', path: '/mcp/servers', query: 'mcp_server.list' },
    { method: 'GET', path: '/mcp/servers/{mcp_server_id}', query: 'mcp_server.get' },
    { method: 'POST', path: '/mcp/servers/{mcp_server_id}/refresh', command: 'mcp_server.refresh' },
    { method: 'DELETE', path: '/mcp/servers/{mcp_server_id}/authorization', command: 'mcp_server.revoke_authorization' },
    { method: 'DELETE', path: '/mcp/servers/{mcp_server_id}', command: 'mcp_server.delete' },
  ],
});
