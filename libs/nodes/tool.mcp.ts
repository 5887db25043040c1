import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { InvokeConfigJson } from '@agent-platform/contracts/tool/tool.contract';
import { compileInputSchema } from './input-schema.ts';
import type { McpQuestionOf, McpRequest } from './mcp.request.ts';
import type { NodeError, NodeScope, ResolvedTool } from './node.ts';
import { nodeError } from './outcome.ts';
import { asText, renderFields } from './render.ts';
import type { Approval } from './tool.approval.ts';
import { isObject, mergeCall } from './tool.call.ts';
import type { Promised } from './tool.output.ts';
import { buildUrl } from './tool.url.ts';

/** A call of a tool of the type mcp. */
export type McpToolRequest = McpRequest & Promised & { approval?: Approval };

type Failed = { readonly failed: NodeError };
const refuse = (code: string, message: string): Failed => ({ failed: nodeError(code, message) });

/** Whether a tool is one of an MCP server: its version says how that is spoken to. */
export const isMcpTool = (resolved: ResolvedTool | null): resolved is ResolvedTool =>
  resolved !== null && resolved.version.invoke_config_json['transport'] !== undefined;

/**
 * The call of a tool of an MCP server, with the resolution order of HTTP tools for its address and its headers. Its tool is
 * the one that the version names; of a version that names none, the input names it, as `{tool, arguments}`; without an
 * input such a version lists what the server has.
 */
export function requestMcpTool(config: ToolConfig, scope: NodeScope, resolved: ResolvedTool, metadata: JsonObject): McpRequest | Failed {
  const call = mergeCall(config, resolved);
  if ('failed' in call) return call;
  const invoke = InvokeConfigJson.parse(resolved.version.invoke_config_json);
  const given = config.input === undefined ? null : renderFields(config.input, scope);
  if (given && 'failed' in given) return given;
  const { url, base_url, path, query, body, headers } = call;
  const rendered = renderFields({ url, base_url, path, query, body, headers }, given ? { ...scope, input: given.value } : scope);
  if ('failed' in rendered) return rendered;
  const at = rendered.value;
  const built = buildUrl({ url: asText(at['url']), base_url: asText(at['base_url']), path: asText(at['path']), query: {} });
  if ('failed' in built) return built;
  const asked = questionOf(invoke.tool, given?.value ?? { ...(at['query'] as JsonObject), ...(isObject(at['body']) ? at['body'] : {}) }, resolved);
  if ('failed' in asked) return asked;
  const texts = Object.entries(at['headers'] as JsonObject).map(([name, value]) => [name, asText(value)]);
  return {
    ...asked,
    server: { transport: invoke.transport ?? 'streamable_http', url: built.url },
    headers: Object.fromEntries(texts) as JsonObject,
    timeout_ms: Math.ceil(config.timeout_seconds * 1000),
    repeatable: call.idempotent || 'list' in asked,
    metadata,
  };
}

/** The call, as a person who has to approve it sees it: without headers. */
export const shownMcp = ({ server, headers: _headers, approval: _approval, ...request }: McpToolRequest): JsonObject => ({
  ...request.metadata,
  url: server['url'] ?? null,
  ...('tool' in request && { mcp_tool: request.tool, arguments: request.arguments }),
});

function questionOf(named: string | undefined, input: JsonObject, { tool, version }: ResolvedTool): McpQuestionOf<'tool' | 'list'> | Failed {
  const schema = compileInputSchema(version.input_schema_json);
  if ('error' in schema) return refuse('tool-schema-invalid', `The input_schema_json of tool "${tool.code}" ${schema.error}.`);
  const problem = schema.check(input);
  if (problem !== null) return refuse('tool-input-invalid', `The input doesn't fit the schema of tool "${tool.code}": ${problem}. Nothing was called.`);
  if (named !== undefined) return { tool: named, arguments: input };
  if (Object.keys(input).length === 0) return { list: true };
  const { tool: name, arguments: given = {} }: { readonly tool?: JsonValue; readonly arguments?: JsonValue } = input;
  if (typeof name === 'string' && isObject(given)) return { tool: name, arguments: given };
  return refuse(
    'tool-input-invalid',
    `Tool "${tool.code}" is a whole MCP server: give {"tool": <name>, "arguments": {…}}, or nothing for a list of its tools.`,
  );
}
