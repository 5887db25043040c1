import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { McpCatalog, McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { McpConfig } from '@agent-platform/contracts/nodes/mcp.config';
import { z } from 'zod';
import { compileInputSchema } from './input-schema.ts';
import { fillMcp, type McpRequest, performMcp, renderServer } from './mcp.request.ts';
import { signInFirst } from './mcp.token.ts';
import { type EffectNode, type NodeError, type NodeScope, toolKey } from './node.ts';
import { errorOf, nodeError } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';

const Offered = z.object({
  config: McpServerConfig,
  tools: McpCatalog.shape.tools,
  prompts: McpCatalog.shape.prompts.default([]),
  /** Whether a person signs in there, and has. */
  access: z.enum(['open', 'person', 'missing']).default('open'),
});
type Offered = z.output<typeof Offered> & { readonly discovery: number };

type Failed = { readonly failed: NodeError };
const refuse = (code: string, message: string): Failed => ({ failed: nodeError(code, message) });

/** What the server said of itself when it was asked last. */
function offeredBy({ mcp_server_id }: McpConfig, { tools }: NodeScope): Offered | null {
  const key = toolKey({ kind: 'mcp_server', id: mcp_server_id });
  const resolved = tools && Object.hasOwn(tools, key) ? tools[key] : undefined;
  return resolved ? { ...Offered.parse(resolved.version.invoke_config_json), discovery: resolved.version.number } : null;
}

/** What is asked, and whether asking again does no harm. */
type Asked = {
  readonly ask: { tool: string; arguments: JsonObject } | { resource: string } | { prompt: string; arguments: { [name: string]: string } };
  readonly repeatable: boolean;
};

function askTool(name: string, input: JsonObject, { tools }: Offered, server: string): Asked | Failed {
  const tool = tools.find((each) => each.name === name);
  if (!tool) return refuse('mcp-tool-not-found', `config.tool: server "${server}" has no tool "${name}"; take one it lists, or refresh it.`);
  const schema = compileInputSchema(tool.input_schema);
  if ('error' in schema) return refuse('tool-schema-invalid', `The input schema of tool "${name}" ${schema.error}.`);
  const problem = schema.check(input);
  if (problem !== null) return refuse('tool-input-invalid', `config.arguments: don't fit the schema of tool "${name}": ${problem}. Nothing was called.`);
  return { ask: { tool: name, arguments: input }, repeatable: tool.repeatable };
}

function askPrompt(name: string, input: JsonObject, { prompts }: Offered, server: string): Asked | Failed {
  const prompt = prompts.find((each) => each.name === name);
  if (!prompt) return refuse('mcp-prompt-not-found', `config.prompt: server "${server}" has no prompt "${name}"; take one it lists, or refresh it.`);
  const missing = prompt.arguments.filter((each) => each.required && !Object.hasOwn(input, each.name)).map((each) => each.name);
  if (missing.length > 0) return refuse('mcp-prompt-invalid', `config.arguments: prompt "${name}" needs ${missing.join(', ')}. Nothing was asked.`);
  return { ask: { prompt: name, arguments: Object.fromEntries(Object.entries(input).map(([key, value]) => [key, asText(value)])) }, repeatable: true };
}

/** Asks an MCP server: calls one of its tools, reads a resource, or gets a prompt. Progress goes out on the live topic `progress`. */
export const mcpNode: EffectNode<McpConfig, McpRequest> = {
  types: ['mcp'],
  kind: 'effect',
  summary: 'Calls a tool of an MCP server, reads one of its resources, or gets one of its prompts.',
  config: McpConfig,
  check: ({ arguments: input, resource }) => templateProblems({ arguments: input, resource }),
  tools: ({ mcp_server_id }) => [{ kind: 'mcp_server', id: mcp_server_id }],
  request(config, scope) {
    const { mcp_server_id, tool, resource, prompt, timeout_seconds } = config;
    const offered = offeredBy(config, scope);
    if (!offered)
      return refuse(
        'mcp-server-not-found',
        `config.mcp_server_id: nothing is known of a server "${mcp_server_id}" yet; create it, or wait until its status is ready.`,
      );
    if (offered.access === 'missing') return { failed: errorOf(signInFirst(mcp_server_id)) };
    const rendered = renderFields({ arguments: config.arguments, resource }, scope);
    if ('failed' in rendered) return rendered;
    const input = rendered.value['arguments'] as JsonObject;
    const uri = asText(rendered.value['resource']);
    const asked =
      tool !== undefined
        ? askTool(tool, input, offered, mcp_server_id)
        : prompt !== undefined
          ? askPrompt(prompt, input, offered, mcp_server_id)
          : { ask: { resource: uri }, repeatable: true };
    if ('failed' in asked) return asked;
    const address = renderServer(offered.config, scope);
    if ('failed' in address) return address;
    const named = tool !== undefined ? { tool } : prompt !== undefined ? { prompt } : { resource: uri };
    return {
      ...address,
      ...asked.ask,
      timeout_ms: Math.ceil(timeout_seconds * 1000),
      repeatable: asked.repeatable,
      metadata: { mcp_server_id, discovery: offered.discovery, ...named },
      ...(offered.access === 'person' && { token: { of: mcp_server_id, at: scope.now ?? null } }),
    };
  },
  fill: fillMcp,
  onUnknown: ({ repeatable }) => (repeatable ? 'repeat' : 'stop'),
  perform: performMcp,
};
