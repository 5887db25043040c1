import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { McpServerConfig, McpTool } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { McpConfig } from '@agent-platform/contracts/nodes/mcp.config';
import { storable, storableText } from '@agent-platform/kernel/index';
import type { McpAnswer } from '@agent-platform/ports/index';
import { z } from 'zod';
import { compileInputSchema } from './input-schema.ts';
import { type EffectNode, type NodeEnd, type NodeScope, toolKey } from './node.ts';
import { attempt, errorOf, failed, nodeError } from './outcome.ts';
import { renderFields, templateProblems } from './render.ts';

/** `headers` stand at the top, where the secret ones are found and sealed before the request is recorded. */
type Request = {
  server: JsonObject;
  headers: JsonObject;
  tool: string;
  arguments: JsonObject;
  timeout_ms: number;
  repeatable: boolean;
  metadata: { mcp_server_id: string; discovery: number; tool: string };
};

const Offered = z.object({ config: McpServerConfig, tools: z.array(McpTool) });

/** What the server said of itself when it was asked last. */
function offeredBy({ mcp_server_id }: McpConfig, { tools }: NodeScope) {
  const key = toolKey({ kind: 'mcp_server', id: mcp_server_id });
  const resolved = tools && Object.hasOwn(tools, key) ? tools[key] : undefined;
  return resolved ? { ...Offered.parse(resolved.version.invoke_config_json), discovery: resolved.version.number } : null;
}

/** Calls a tool of an MCP server. Progress of the call goes out on the live topic `progress`. */
export const mcpNode: EffectNode<McpConfig, Request> = {
  types: ['mcp'],
  kind: 'effect',
  summary: 'Calls a tool of an MCP server.',
  config: McpConfig,
  check: ({ arguments: input }) => templateProblems({ arguments: input }),
  tools: ({ mcp_server_id }) => [{ kind: 'mcp_server', id: mcp_server_id }],
  request(config, scope) {
    const { mcp_server_id, tool: name, timeout_seconds } = config;
    const offered = offeredBy(config, scope);
    const refuse = (code: string, message: string) => ({ failed: nodeError(code, message) });
    if (!offered)
      return refuse('mcp-server-not-found', `config.mcp_server_id: nothing is known of a server "${mcp_server_id}"; create it, and see its status.`);
    const tool = offered.tools.find((each) => each.name === name);
    if (!tool) return refuse('mcp-tool-not-found', `config.tool: server "${mcp_server_id}" has no tool "${name}"; take one it lists, or refresh it.`);
    const rendered = renderFields({ arguments: config.arguments }, scope);
    if ('failed' in rendered) return rendered;
    const input = rendered.value['arguments'] as JsonObject;
    const schema = compileInputSchema(tool.input_schema);
    if ('error' in schema) return refuse('tool-schema-invalid', `The input schema of tool "${name}" ${schema.error}.`);
    const problem = schema.check(input);
    if (problem !== null) return refuse('tool-input-invalid', `config.arguments: don't fit the schema of tool "${name}": ${problem}. Nothing was called.`);
    const { headers, ...server } = { headers: {}, ...offered.config };
    return {
      // JSON by its schema; only optional fields keep TypeScript from seeing it.
      server: server as unknown as JsonObject,
      headers: { ...headers },
      tool: name,
      arguments: input,
      timeout_ms: Math.ceil(timeout_seconds * 1000),
      repeatable: tool.repeatable,
      metadata: { mcp_server_id, discovery: offered.discovery, tool: name },
    };
  },
  onUnknown: ({ repeatable }) => (repeatable ? 'repeat' : 'stop'),
  async perform({ server, headers, tool, arguments: input, timeout_ms, repeatable, metadata }, ports, context) {
    const { key, signal } = context;
    const address = McpServerConfig.parse(server['transport'] === 'stdio' ? server : { ...server, headers });
    const onProgress = (progress: object): void => context.live('progress', { key, ...progress });
    const work = async () => answered(await ports.mcp.call(address, { tool, arguments: input, key }, { signal, timeout_ms, onProgress }), metadata);
    return attempt(context, work, (thrown) => {
      const error = errorOf(thrown);
      // Nobody knows whether a lost call was done.
      return { ...error, retryable: error.retryable && repeatable };
    });
  },
};

function answered({ content, structured, is_error }: McpAnswer, metadata: Request['metadata']): NodeEnd {
  const text = textOf(content);
  if (is_error)
    return failed(nodeError('mcp-tool-error', `Tool "${metadata.tool}" answered with an error: ${text || '(no text)'}`, { detail: { ...metadata } }));
  const output = storable({ ...metadata, content, structured }).value;
  return { status: 'completed', output_json: output, output_text: storableText(text).value };
}

/** The text blocks of an answer, one below the other. */
function textOf(content: JsonValue): string {
  const blocks = Array.isArray(content) ? content : [];
  return blocks
    .flatMap((block) => (typeof block === 'object' && block !== null && 'text' in block && typeof block['text'] === 'string' ? [block['text']] : []))
    .join('\n');
}
