import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { type McpCatalog, McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { storable, storableText } from '@agent-platform/kernel/index';
import type { McpAnswer, McpQuestion, Ports } from '@agent-platform/ports/index';
import { askWithToken, type TokenOf, withBearer } from './mcp.token.ts';
import type { FillSecrets, NodeContext, NodeEnd, NodeError, NodeOutcome, NodeScope } from './node.ts';
import { attempt, errorOf, failed, nodeError } from './outcome.ts';
import { asText, renderFields } from './render.ts';
import { withoutSecrets } from './secret-scrub.ts';

interface Questions {
  tool: { tool: string; arguments: JsonObject };
  resource: { resource: string };
  prompt: { prompt: string; arguments: { [name: string]: string } };
  /** What tools the server has. */
  list: { list: true };
}
export type McpQuestionOf<K extends keyof Questions> = Questions[K];
type Question = McpQuestionOf<keyof Questions>;

/** What an MCP server is asked. `headers` stand at the top, where the secret ones are found and sealed before the request is recorded. */
export type McpRequest = Question & {
  server: JsonObject;
  headers: JsonObject;
  timeout_ms: number;
  repeatable: boolean;
  metadata: JsonObject;
  /** The token that it is asked with, where a person signed in. */
  token?: TokenOf;
};

/** A server's address, with the places of its secrets rendered. Its headers apart. */
export function renderServer(
  config: McpServerConfig,
  scope: NodeScope,
): { readonly server: JsonObject; readonly headers: JsonObject } | { readonly failed: NodeError } {
  if (config.transport === 'stdio') return { server: json(config), headers: {} };
  const { headers = {}, oauth, ...server } = config;
  const rendered = renderFields({ headers, oauth: oauth && json(oauth) }, scope);
  if ('failed' in rendered) return rendered;
  const texts = Object.entries(rendered.value['headers'] as JsonObject).map(([name, value]) => [name, asText(value)]);
  return { server: { ...server, ...(oauth && { oauth: rendered.value['oauth'] as JsonObject }) }, headers: Object.fromEntries(texts) as JsonObject };
}

// By their schemas they are JSON; only optional fields keep TypeScript from seeing it.
const json = (value: object): JsonObject => value as unknown as JsonObject;

/** Puts secrets into headers and credentials, and into what is asked. Where the server is stays as it is: who is sent a secret must be readable. */
export function fillMcp<R extends McpRequest>(request: R, fill: FillSecrets): R {
  const { server, headers } = request;
  return {
    ...request,
    headers: fillTexts(headers, fill),
    server: { ...server, ...(server['oauth'] !== undefined && { oauth: fillTexts(server['oauth'], fill) }) },
    ...('arguments' in request && { arguments: fillTexts(request.arguments, fill) }),
    ...('resource' in request && { resource: fill(request.resource, encodeURIComponent) }),
  };
}

/** The same JSON with every text filled. */
function fillTexts<T extends JsonValue>(value: T, fill: FillSecrets): T {
  const filled = (of: JsonValue): JsonValue => {
    if (typeof of === 'string') return fill(of);
    if (Array.isArray(of)) return of.map(filled);
    if (typeof of !== 'object' || of === null) return of;
    return Object.fromEntries(Object.entries(of).map(([name, each]) => [name, filled(each)]));
  };
  // Texts become texts, and nothing else changes.
  return filled(value) as T;
}

const questionOf = (request: Exclude<Question, Questions['list']>): McpQuestion => {
  if ('resource' in request) return { resource: request.resource };
  const { arguments: input } = request;
  return 'tool' in request ? { tool: request.tool, arguments: input } : { prompt: request.prompt, arguments: input as { [name: string]: string } };
};

/** The server, as the port takes it. */
const addressOf = ({ server, headers }: Pick<McpRequest, 'server' | 'headers'>): McpServerConfig =>
  McpServerConfig.parse(server['transport'] === 'stdio' ? server : { ...server, headers });

/** Asks the server. Progress goes out on the live topic `progress`. */
export async function performMcp(request: McpRequest, ports: Pick<Ports, 'mcp'>, context: NodeContext): Promise<NodeOutcome> {
  const { timeout_ms, repeatable, metadata, token } = request;
  const { key, signal, stream } = context;
  const used: string[] = [];
  const onProgress = (progress: object): void => context.live('progress', withoutSecrets({ key, ...progress }, used));
  const limits = { signal, timeout_ms, onProgress, scope: stream.workspace_id };
  const ask = async (config: McpServerConfig): Promise<NodeOutcome> =>
    'list' in request
      ? listed(await ports.mcp.discover(config, limits), metadata)
      : answered(await ports.mcp.call(config, { ...questionOf(request), key }, limits), request);
  const askAs = (access_token: string): Promise<NodeOutcome> => {
    used.push(access_token);
    return ask(withBearer(addressOf(request), access_token));
  };
  const work = (): Promise<NodeOutcome> => (token ? askWithToken(token, { oauth: ports.mcp.oauth, context, ask: askAs }) : ask(addressOf(request)));
  const outcome = await attempt(context, work, (thrown) => {
    const error = errorOf(thrown);
    // Nobody knows whether a lost call was done.
    return { ...error, retryable: error.retryable && repeatable };
  });
  return withoutSecrets(outcome, used);
}

function listed({ server, tools }: McpCatalog, metadata: JsonObject): NodeEnd {
  const text = `${tools.length} tools: ${tools.map(({ name }) => name).join(', ')}`;
  return { status: 'completed', output_json: storable({ ...metadata, server, tools }).value, output_text: storableText(text).value };
}

function answered({ content, structured, is_error }: McpAnswer, request: Exclude<McpRequest, Questions['list']>): NodeEnd {
  const { metadata } = request;
  const text = textOf(content);
  if (is_error) {
    const name = 'tool' in request ? request.tool : '';
    return failed(nodeError('mcp-tool-error', `Tool "${name}" answered with an error: ${text || '(no text)'}`, { detail: { ...metadata } }));
  }
  const output = storable({ ...metadata, content, structured }).value;
  return { status: 'completed', output_json: output, output_text: storableText(text).value };
}

/** The texts of an answer, one below the other: of blocks, of contents of resources, or of messages of a prompt. */
function textOf(content: JsonValue): string {
  const blocks = Array.isArray(content) ? content : [];
  return blocks
    .flatMap((block) => {
      const holder = isObject(block) && isObject(block['content']) ? block['content'] : block;
      return isObject(holder) && typeof holder['text'] === 'string' ? [holder['text']] : [];
    })
    .join('\n');
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
