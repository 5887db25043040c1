import { z } from 'zod';
import { defineContract, GetParams, Id, JsonObject, JsonValue, pageOf, PageParams, Time } from '../kit/index.ts';
import { McpConfig } from '../nodes/mcp.config.ts';
import { BuiltinTool } from '../nodes/tool.config.ts';

export const ToolCallStatus = z.enum(['selected', 'running', 'unknown', 'completed', 'failed', 'cancelled', 'skipped']).meta({
  description:
    'selected: chosen, it waits for its turn or for a person to approve it; running: begun; skipped: not made, nobody approved it or its branch was not taken; unknown: a process died before it heard of the outcome of a call that must not be repeated',
});

const Purpose = z.enum(['test', 'call']);
const Source = z.enum(['run', 'skill', ...Purpose.options]);
/** Milliseconds from sending to the whole answer. */
const Latency = z.number().min(0);
const ToolCallError = z
  .object({ code: z.string(), message: z.string(), detail: JsonObject.optional() })
  .meta({ id: 'ToolCallError', description: 'detail: status and body_excerpt of an HTTP answer' });

/** What a call says besides the tool: parts of the configuration of a tool node. */
const Parts = z.object({
  path: z.string().max(4000).optional(),
  query: JsonObject.optional(),
  body: JsonValue.optional(),
  headers: z.record(z.string().min(1).max(200), z.string().max(8000)).optional(),
});
const { mcp_server_id, tool, resource, prompt } = McpConfig.shape;
/** What an MCP server is asked; `input` are the arguments. */
const McpQuestion = z
  .strictObject({ mcp_server_id, tool, resource, prompt })
  .refine((asked) => [asked.tool, asked.resource, asked.prompt].filter((one) => one !== undefined).length === 1, {
    path: ['tool'],
    message: 'give one of "tool", "resource" and "prompt": what the server is asked for',
  });
const which = { tool_id: Id.nullable(), tool_binding_id: Id.nullable() };
const used = { tool_id: Id.nullable(), tool_version_id: Id.nullable(), tool_binding_id: Id.nullable() };

const events = {
  'tool_call.created': {
    summary: 'A tool was selected for one call outside of runs.',
    version: 1,
    data: z.object({
      ...which,
      builtin: BuiltinTool.optional(),
      mcp: McpQuestion.optional(),
      purpose: Purpose,
      input: JsonObject.nullable(),
      config: Parts,
      timeout_seconds: z.number(),
      /** The tool, as it was then, demands a person's approval. */
      requires_approval: z.literal(true).optional(),
    }),
  },
  'tool_call.started': {
    summary: 'The call begins: what will be sent is in the log before it is sent. With an `approval` by nobody yet, a person is asked first.',
    version: 1,
    data: z.object({
      ...used,
      key: z.string(),
      request: JsonValue,
      /** How often it was begun again after a crash. */
      recovered: z.int().optional(),
    }),
  },
  'tool_call.asked': { summary: 'A person was asked to approve the call, and is waited for.', version: 1, data: z.object({ task_id: Id }) },
  'tool_call.skipped': { summary: 'Nobody approved the call: it was not made.', version: 1, data: z.object({ error: ToolCallError }) },
  'tool_call.completed': {
    summary: 'The tool answered.',
    version: 1,
    data: z.object({ output_json: JsonValue, output_text: z.string().nullable(), latency_ms: Latency }),
  },
  'tool_call.failed': {
    summary: 'The call failed, or could not be made (then there is no latency).',
    version: 1,
    data: z.object({ error: ToolCallError, latency_ms: Latency.nullable() }),
  },
  'tool_call.cancelled': {
    summary: 'Somebody cancelled the call. One that was under way may have been done.',
    version: 1,
    data: z.object({ reason: z.string().nullable(), task_id: Id.optional().meta({ description: 'The question to a person that nobody answered' }) }),
  },
} as const;

export const ToolCallView = z
  .object({
    id: z.string().meta({ description: 'Of a call in a run: <run>:<node>:<attempt>; in a run of a skill: <skill run>:<step>:<attempt>' }),
    workspace_id: z.string(),
    source: Source,
    status: ToolCallStatus,
    ...used,
    builtin: BuiltinTool.nullable(),
    run_id: Id.nullable(),
    node_id: Id.nullable(),
    skill_run_id: Id.nullable(),
    step_id: Id.nullable().meta({ description: 'The step of the skill' }),
    task_id: Id.nullable().meta({ description: 'Of the person who has to approve the call, or did' }),
    input: JsonObject.nullable(),
    request: JsonValue,
    output_json: JsonValue,
    output_text: z.string().nullable(),
    error: ToolCallError.nullable(),
    latency_ms: Latency.nullable().meta({ description: 'From sending to the whole answer; of calls outside of runs' }),
    duration_ms: z.number().nullable().meta({ description: 'From started_at to ended_at' }),
    created_at: Time,
    started_at: Time.nullable().meta({ description: 'When the call was begun, after a person approved it where one has to' }),
    ended_at: Time.nullable(),
  })
  .meta({ id: 'ToolCall' });

const NOT_OF_BUILTINS = ['tool_id', 'tool_binding_id', 'path', 'query', 'body', 'headers'] as const;

const Filters = { tool_id: Id.optional(), run_id: Id.optional(), skill_run_id: Id.optional(), status: ToolCallStatus.optional(), source: Source.optional() };

export const toolCallContract = defineContract({
  category: 'tool_call',
  events,
  commands: {
    'tool_call.create': {
      summary: 'Call a tool once, outside of runs.',
      target: 'tool_call_id',
      creates: true,
      data: z
        .strictObject({
          tool_call_id: Id.optional(),
          tool_id: Id.optional(),
          tool_binding_id: Id.optional(),
          builtin: BuiltinTool.optional().meta({ description: 'A tool of the platform itself: it takes `input` and nothing else' }),
          mcp: McpQuestion.optional().meta({ description: 'A tool, a resource or a prompt of an MCP server: it takes `input` and nothing else' }),
          purpose: Purpose.default('call'),
          input: JsonObject.optional().meta({ description: 'What the templates of the tool see as input; sent as query or body by tools without any' }),
          ...Parts.shape,
          timeout_seconds: z.number().positive().max(600).default(30),
        })
        .refine((data) => [data.tool_id, data.tool_binding_id, data.builtin, data.mcp].some((one) => one !== undefined), {
          path: ['tool_id'],
          message: 'give "tool_id" or "tool_binding_id", or both: the tool, and the place where it is called; or "builtin", or "mcp"',
        })
        .refine((data) => data.mcp === undefined || (data.builtin === undefined && NOT_OF_BUILTINS.every((name) => data[name] === undefined)), {
          path: ['mcp'],
          message: 'an MCP server takes "input" only: leave out what says where and how to call',
        })
        .refine((data) => data.builtin === undefined || NOT_OF_BUILTINS.every((name) => data[name] === undefined), {
          path: ['builtin'],
          message: 'a built-in tool takes "input" only: leave out what says where and how to call',
        }),
      example: { tool_id: 'tool-1', tool_binding_id: 'binding-1', input: { query: 'shoes' } },
    },
    'tool_call.cancel': {
      summary: 'Cancel a call outside of runs: one under way is given up, what it answers late changes nothing.',
      target: 'tool_call_id',
      data: z.strictObject({ tool_call_id: Id, reason: z.string().max(1000).optional() }),
      example: { tool_call_id: 'tool-call-1', reason: 'not needed any more' },
    },
  },
  queries: {
    'tool_call.get': { summary: 'One call of a tool.', params: z.object({ tool_call_id: z.string().min(1).max(200), ...GetParams }), result: ToolCallView },
    'tool_call.list': {
      summary: 'Calls of tools, in runs, in skills and outside, newest first.',
      params: z.object({ ...PageParams, ...Filters }),
      result: pageOf(ToolCallView),
    },
  },
  routes: [
    { method: 'POST', path: '/tools/calls', command: 'tool_call.create', status: 201 },
    { method: 'GET', path: '/tools/calls', query: 'tool_call.list' },
    { method: 'GET', path: '/tools/calls/{tool_call_id}', query: 'tool_call.get' },
    { method: 'POST', path: '/tools/calls/{tool_call_id}/cancel', command: 'tool_call.cancel' },
    { method: 'GET', path: '/tools/{tool_id}/calls', query: 'tool_call.list' },
    { method: 'GET', path: '/runtime/runs/{run_id}/tool-calls', query: 'tool_call.list' },
    { method: 'GET', path: '/skills/runs/{skill_run_id}/tool-calls', query: 'tool_call.list' },
  ],
});
