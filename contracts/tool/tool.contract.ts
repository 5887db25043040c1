import { z } from 'zod';
import { Code, defineContract, GetParams, Id, idExcept, JsonObject, JsonValue, Name, pageOf, PageParams, Time } from '../kit/index.ts';

export const ToolType = z.enum(['http', 'mcp']);

const Description = z.string().max(5000);
const Url = z.string().min(1).max(4000);
const Headers = z.record(z.string().min(1).max(200), z.union([z.string().max(8000), z.number(), z.boolean(), z.null()]));

/** How a tool is called. Texts may hold `{{ path }}` templates. */
export const InvokeConfigJson = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Za-z]{1,20}$/, 'must be an HTTP method, e.g. GET')
      .optional()
      .meta({ description: 'GET when absent' }),
    url: Url.optional().meta({ description: 'Whole URL; without it base_url and path' }),
    base_url: Url.optional(),
    path: z.string().max(4000).optional(),
    query: z.record(z.string(), JsonValue).optional(),
    body: JsonValue.optional(),
    headers: Headers.optional(),
    requires_approval: z.boolean().optional().meta({ description: 'A person has to approve each call before it is made' }),
    approval_timeout_seconds: z.number().positive().max(31_536_000).optional().meta({ description: 'How long that person has; then the call fails' }),
    transport: z.enum(['streamable_http', 'sse']).optional().meta({ description: 'Of tools of the type mcp, whose url is that of an MCP server' }),
    tool: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'Of tools of the type mcp: the tool of the server that is called. Without it the input names one, and no input lists them' }),
    idempotent: z.boolean().optional().meta({ description: 'The receiver honours Idempotency-Key: called again after a crash' }),
  })
  .meta({ id: 'InvokeConfig' });

/** What a binding changes: where the tool is, and with which headers it is called. */
export const BindingConfigJson = z.strictObject({ base_url: Url.optional(), headers: Headers.optional() }).meta({ id: 'BindingConfig' });

const version = {
  version_id: Id,
  number: z.int().min(1),
  input_schema_json: JsonObject,
  output_schema_json: JsonObject.optional(),
  /** output_schema_json is there to be read: a call whose answer does not fit it completes all the same. */
  check_output: z.literal(false).optional(),
  invoke_config_json: InvokeConfigJson,
};
const binding = { name: Name.nullable(), config_json: BindingConfigJson };
/** null: the newest version at the time of the call. */
const BoundVersion = Id.nullable();

const events = {
  'tool.created': {
    summary: 'A tool was created.',
    version: 1,
    data: z.object({ code: Code, name: Name, tool_type: ToolType, description: Description.nullable() }),
  },
  'tool.updated': {
    summary: 'Fields changed; only what changed is named.',
    version: 1,
    data: z.object({ code: Code.optional(), name: Name.optional(), description: Description.nullable().optional() }),
  },
  'tool.deleted': { summary: 'The tool was deleted: its versions and bindings resolve no more.', version: 1, data: z.object({}) },
  'tool.version_created': { summary: 'A version was made, which never changes.', version: 1, data: z.object(version) },
  'tool.binding_created': {
    summary: 'A binding was made: a tool at a place.',
    version: 1,
    data: z.object({ binding_id: Id, version_id: BoundVersion, ...binding }),
  },
} as const;

const row = { workspace_id: z.string(), version: z.int().meta({ description: 'Version of the stream' }), created_at: Time, updated_at: Time };

export const ToolView = z
  .object({
    id: Id,
    code: Code,
    name: Name,
    tool_type: ToolType,
    description: Description.nullable(),
    latest_version_id: Id.nullable(),
    latest_number: z.int().nullable(),
    ...row,
  })
  .meta({ id: 'Tool' });

export const ToolVersionView = z
  .object({
    id: Id,
    tool_id: Id,
    number: z.int(),
    input_schema_json: JsonObject,
    output_schema_json: JsonObject.nullable(),
    check_output: z.boolean().meta({ description: 'Whether a call fails whose answer does not fit output_schema_json' }),
    invoke_config_json: InvokeConfigJson,
    ...row,
  })
  .meta({ id: 'ToolVersion' });

export const ToolBindingView = z.object({ id: Id, tool_id: Id, tool_version_id: BoundVersion, ...binding, ...row }).meta({ id: 'ToolBinding' });

const tool = { tool_id: Id };

export const toolContract = defineContract({
  category: 'tool',
  events,
  commands: {
    'tool.create': {
      summary: 'Create a tool. Its code is unique in the workspace.',
      target: 'tool_id',
      creates: true,
      data: z.strictObject({
        tool_id: idExcept('versions', 'bindings', 'calls', 'builtins', 'imports').optional(),
        code: Code,
        name: Name,
        tool_type: ToolType,
        description: Description.optional(),
      }),
      example: { tool_id: 'tool-1', code: 'search_products', name: 'Search Products', tool_type: 'http' },
    },
    'tool.update': {
      summary: 'Change fields of a tool; what is not named stays. null empties the description.',
      target: 'tool_id',
      data: z.strictObject({ ...tool, code: Code.optional(), name: Name.optional(), description: Description.nullable().optional() }),
      example: { tool_id: 'tool-1', name: 'Search all products' },
    },
    'tool.delete': {
      summary: 'Delete a tool; its code is free again.',
      target: 'tool_id',
      data: z.strictObject(tool),
      example: { tool_id: 'tool-1' },
    },
    'tool.create_version': {
      summary: 'Make a version: what the input is and how the tool is called. Versions never change.',
      target: 'tool_id',
      data: z.strictObject({
        ...tool,
        tool_version_id: Id.optional(),
        input_schema_json: JsonObject.default({}).meta({ description: 'JSON Schema, or a plain map of properties; empty: anything' }),
        output_schema_json: JsonObject.optional().meta({
          description:
            'The same of what it answers: the JSON or text of an HTTP answer, or the structured content of an MCP tool. A call whose answer does not fit fails',
        }),
        check_output: z.boolean().optional().meta({ description: 'false: output_schema_json is shown, and no call fails because of it' }),
        invoke_config_json: InvokeConfigJson,
      }),
      example: {
        tool_id: 'tool-1',
        input_schema_json: { query: { type: 'string' } },
        invoke_config_json: { method: 'GET', path: '/products/search' },
      },
    },
    'tool.create_binding': {
      summary: 'Bind a tool to a place; without a version the newest one at the time of the call is used.',
      target: 'tool_id',
      data: z.strictObject({
        ...tool,
        tool_binding_id: Id.optional(),
        tool_version_id: Id.optional(),
        name: Name.optional(),
        config_json: BindingConfigJson.default({}),
      }),
      example: { tool_id: 'tool-1', tool_binding_id: 'binding-1', config_json: { base_url: 'https://shop.example', headers: { 'x-shop': '1' } } },
    },
  },
  queries: {
    'tool.get': { summary: 'One tool.', params: z.object({ ...tool, ...GetParams }), result: ToolView },
    'tool.list': {
      summary: 'Tools, newest first.',
      params: z.object({
        ...PageParams,
        q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
        code: Code.optional(),
        tool_type: ToolType.optional(),
      }),
      result: pageOf(ToolView),
    },
    'tool.version': { summary: 'One version of a tool.', params: z.object({ tool_version_id: Id, ...GetParams }), result: ToolVersionView },
    'tool.versions': {
      summary: 'Versions of a tool, newest first.',
      params: z.object({ tool_id: Id.optional(), ...PageParams }),
      result: pageOf(ToolVersionView),
    },
    'tool.binding': { summary: 'One binding of a tool.', params: z.object({ tool_binding_id: Id, ...GetParams }), result: ToolBindingView },
    'tool.bindings': {
      summary: 'Bindings of a tool, newest first.',
      params: z.object({ tool_id: Id.optional(), ...PageParams }),
      result: pageOf(ToolBindingView),
    },
  },
  routes: [
    { method: 'POST', path: '/tools', command: 'tool.create', status: 201 },
    { method: 'GET', path: '/tools', query: 'tool.list' },
    { method: 'POST', path: '/tools/versions', command: 'tool.create_version', status: 201 },
    { method: 'GET', path: '/tools/versions', query: 'tool.versions' },
    { method: 'GET', path: '/tools/versions/{tool_version_id}', query: 'tool.version' },
    { method: 'POST', path: '/tools/bindings', command: 'tool.create_binding', status: 201 },
    { method: 'GET', path: '/tools/bindings', query: 'tool.bindings' },
    { method: 'GET', path: '/tools/bindings/{tool_binding_id}', query: 'tool.binding' },
    { method: 'GET', path: '/tools/{tool_id}', query: 'tool.get' },
    { method: 'PATCH', path: '/tools/{tool_id}', command: 'tool.update' },
    { method: 'PUT', path: '/tools/{tool_id}', command: 'tool.update' },
    { method: 'DELETE', path: '/tools/{tool_id}', command: 'tool.delete' },
  ],
});
