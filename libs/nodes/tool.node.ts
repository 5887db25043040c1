import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { InvokeConfigJson } from '@agent-platform/contracts/tool/tool.contract';
import { HttpInput } from './builtin/http.builtin.ts';
import { explainHttp } from './http-answer.ts';
import { compileInputSchema } from './input-schema.ts';
import { fillMcp, performMcp } from './mcp.request.ts';
import { type EffectNode, type NodeError, type NodeScope, type ResolvedTool, toolKey, type ToolRef } from './node.ts';
import { attempt, failed, nodeError } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';
import { answered, type ToolMetadata } from './tool.answer.ts';
import { type Approval, askApproval, demanded, readApproval } from './tool.approval.ts';
import { answerBuiltin, type BuiltinRequest, fillBuiltin, inputOfBuiltin, isRepeatable, performBuiltin, requestBuiltin } from './tool.builtin.ts';
import { isObject, mergeCall, mergeHeaders, type ToolCall } from './tool.call.ts';
import { renderHeaders } from './tool.headers.ts';
import { isMcpTool, type McpToolRequest, requestMcpTool, shownMcp } from './tool.mcp.ts';
import { addInput } from './tool.input.ts';
import { checkOutput, type Promised, promisedBy } from './tool.output.ts';
import { fillHttp } from './tool.secrets.ts';
import { buildUrl, hidesHost, lateText, type LateUrl } from './tool.url.ts';

type HttpRequest = Promised & {
  method: string;
  url: string;
  headers: { [name: string]: string };
  body?: string;
  timeout_ms: number;
  repeatable: boolean;
  metadata: ToolMetadata;
  approval?: Approval;
  /** The address is not known before its secret is. */
  late_url?: LateUrl;
  /** What may be told of a request that has secrets in it; never recorded. */
  shown?: { url: string; body?: string };
};

type Request = HttpRequest | BuiltinRequest | McpToolRequest;

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

function refOf(config: ToolConfig): ToolRef | null {
  if (config.tool_binding_id !== undefined) return { kind: 'tool_binding', id: config.tool_binding_id };
  return config.tool_id === undefined ? null : { kind: 'tool', id: config.tool_id };
}

function resolve(config: ToolConfig, scope: NodeScope): { readonly tool: ResolvedTool | null } | { readonly failed: NodeError } {
  const ref = refOf(config);
  if (!ref) return { tool: null };
  const key = toolKey(ref);
  const tool = scope.tools && Object.hasOwn(scope.tools, key) ? scope.tools[key] : undefined;
  if (tool) return { tool };
  const field = ref.kind === 'tool' ? 'tool_id' : 'tool_binding_id';
  return {
    failed: nodeError(
      'tool-not-found',
      `config.${field}: there is no usable ${ref.kind === 'tool' ? 'tool' : 'binding'} "${ref.id}" in this workspace; create it, with a version.`,
    ),
  };
}

function metadataOf(config: ToolConfig, resolved: ResolvedTool | null): ToolMetadata {
  return {
    tool: resolved ? { ...resolved.tool } : null,
    version: resolved ? { id: resolved.version.id, number: resolved.version.number } : null,
    binding: resolved?.binding ? { id: resolved.binding.id } : null,
    tool_binding_id: config.tool_binding_id ?? null,
  };
}

/** What the input schema is about: the query and the members of the body together (null is not sent in a query), or the body if it has no members. */
const inputOf = (query: JsonObject, body: JsonValue | undefined): JsonValue =>
  body === undefined || isObject(body) ? { ...Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null)), ...body } : body;

function inputError(resolved: ResolvedTool | null, input: JsonValue): NodeError | null {
  if (!resolved) return null;
  const schema = compileInputSchema(resolved.version.input_schema_json);
  if ('error' in schema) return nodeError('tool-schema-invalid', `The input_schema_json of tool "${resolved.tool.code}" ${schema.error}.`);
  const problem = schema.check(input);
  return problem === null
    ? null
    : nodeError('tool-input-invalid', `The input doesn't fit the schema of tool "${resolved.tool.code}": ${problem}. Nothing was called.`);
}

/** The built-in tool `http`: a request like that of a tool which somebody defined, but for its method. */
function requestPlain(config: ToolConfig, scope: NodeScope): HttpRequest | { readonly failed: NodeError } {
  const given = inputOfBuiltin('http', config.input ?? {}, scope);
  if ('failed' in given) return given;
  const { url, method, query, headers, body } = HttpInput.parse(given.input);
  const late = hidesHost(asText(config.input?.['url']));
  return requestOf({ url, query, body }, { method: method.toUpperCase(), headers: mergeHeaders(headers), idempotent: false, late }, config, scope);
}

type Rendered = { readonly url?: string; readonly base_url?: string; readonly path?: string; readonly query: JsonObject; readonly body: JsonValue | undefined };
type How = Pick<ToolCall, 'method' | 'headers' | 'idempotent'> & {
  readonly late: boolean;
  readonly requires_approval?: boolean;
  readonly approval_timeout_seconds?: number | undefined;
  readonly tool?: ResolvedTool | null;
};

/** The request that rendered parts make. */
function requestOf({ query, body, ...address }: Rendered, how: How, config: ToolConfig, scope: NodeScope): HttpRequest | { readonly failed: NodeError } {
  const { method, headers, idempotent, late, tool = null } = how;
  const late_url = late && { ...address, query };
  const built = late_url ? { url: lateText(late_url), late_url } : buildUrl({ ...address, query });
  if ('failed' in built) return built;
  const sent = renderHeaders(headers, body);
  if ('failed' in sent) return sent;
  const promised = promisedBy(tool);
  if ('failed' in promised) return promised;
  return {
    method,
    ...built,
    ...sent,
    timeout_ms: Math.ceil(config.timeout_seconds * 1000),
    repeatable: SAFE_METHODS.has(method) || idempotent,
    metadata: metadataOf(config, tool),
    ...promised,
    ...demanded(tool?.tool.name ?? method, scope, config, how),
  };
}

/** The call of a tool of an MCP server, which a person may have to approve. */
function requestMcp(config: ToolConfig, scope: NodeScope, resolved: ResolvedTool): McpToolRequest | { readonly failed: NodeError } {
  const request = requestMcpTool(config, scope, resolved, metadataOf(config, resolved));
  if ('failed' in request) return request;
  const promised = promisedBy(resolved);
  if ('failed' in promised) return promised;
  const invoke = InvokeConfigJson.safeParse(resolved.version.invoke_config_json);
  return { ...request, ...('tool' in request && promised), ...demanded(resolved.tool.name, scope, config, invoke.data) };
}

/** Calls an HTTP tool, or asks a built-in one. Everything is merged and rendered while the request is made, so the call is data in the log. */
export const toolNode: EffectNode<ToolConfig, Request> = {
  types: ['tool'],
  kind: 'effect',
  summary: 'Calls a tool: over HTTP, or a built-in one.',
  config: ToolConfig,
  check: ({ url, base_url, path, query, body, headers, input }) => templateProblems({ url, base_url, path, query, body, headers, input }),
  tools(config) {
    const ref = refOf(config);
    return ref ? [ref] : [];
  },
  request(config, scope) {
    if (config.builtin === 'http') return requestPlain(config, scope);
    if (config.builtin !== undefined) return requestBuiltin(config.builtin, config, scope);
    const resolved = resolve(config, scope);
    if ('failed' in resolved) return resolved;
    if (isMcpTool(resolved.tool)) return requestMcp(config, scope, resolved.tool);
    const call = mergeCall(config, resolved.tool);
    if ('failed' in call) return call;
    const given = config.input === undefined ? null : renderFields(config.input, scope);
    if (given && 'failed' in given) return given;
    const rendered = renderFields(
      { url: call.url, base_url: call.base_url, path: call.path, query: call.query, body: call.body, headers: call.headers },
      given ? { ...scope, input: given.value } : scope,
    );
    if ('failed' in rendered) return rendered;
    const { url, base_url, path, headers } = rendered.value;
    // A body that is one template, of something that is not there, is no body.
    const noBody = typeof call.body === 'string' && rendered.value['body'] === null;
    const written = { query: rendered.value['query'] as JsonObject, body: noBody ? undefined : rendered.value['body'] };
    const { query, body } = given ? addInput(written, call.method, given.value, resolved.tool) : written;
    const misfit = inputError(resolved.tool, given ? given.value : inputOf(query, body));
    if (misfit) return { failed: misfit };
    const parts = { url: asText(url), base_url: asText(base_url), path: asText(path), query, body };
    return requestOf(parts, { ...call, headers: headers as JsonObject, late: hidesHost(call.url ?? call.base_url), tool: resolved.tool }, config, scope);
  },
  immediate: (request) => ('builtin' in request ? answerBuiltin(request) : null),
  fill: (request, fill) => ('builtin' in request ? fillBuiltin(request, fill) : 'server' in request ? fillMcp(request, fill) : fillHttp(request, fill)),
  onUnknown: (request) => (isUnasked(request) || ('builtin' in request ? isRepeatable(request) : request.repeatable) ? 'repeat' : 'stop'),
  async perform(request, ports, context) {
    const { approval } = request;
    if (approval?.approved_by === null) return attempt(context, () => askApproval(approval, shownOf(request), context));
    if ('builtin' in request) return performBuiltin(request, ports, context);
    if ('server' in request) return checkOutput(await performMcp(request, ports, context), request);
    const { method, url, body, timeout_ms, repeatable, metadata, shown = request } = request;
    const headers = { 'idempotency-key': context.key, ...request.headers };
    const work = async () => {
      const response = await ports.http.send({ method, url, headers, timeout_ms, ...(body !== undefined && { body }) }, { signal: context.signal });
      return answered(response, { method, url: shown.url }, metadata, repeatable);
    };
    return checkOutput(await attempt(context, work, (thrown) => explainHttp(thrown, { repeatable })), request);
  },
  resume(request, signal) {
    if (!request.approval) return failed(nodeError('resume-invalid', 'This call waits for nothing.'));
    const answer = readApproval(signal);
    if ('failed' in answer) return failed(answer.failed);
    return { status: 'again', request: { ...request, approval: { ...request.approval, approved_by: answer.by } } };
  },
};

/** Nothing has been called yet: a person has to be asked first. */
const isUnasked = ({ approval }: Request): boolean => approval?.approved_by === null;

/** What the person who is asked sees of a call: no headers. */
const shownOf = (request: Request): JsonObject => {
  if ('server' in request) return shownMcp(request);
  return 'builtin' in request
    ? { builtin: request.builtin, input: (request.shown ?? request).input }
    : { ...request.metadata, method: request.method, url: (request.shown ?? request).url, body: (request.shown ?? request).body ?? null };
};
