import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { isDeepStrictEqual } from 'node:util';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { toolKey, type NodeEnd, type NodeError, type ResolvedTool, type ToolRef } from '@agent-platform/nodes/node';
import { sealRequest } from '@agent-platform/nodes/request-secrets';
import { requestWithMarks } from '@agent-platform/nodes/secret-marks';
import { literal } from './literal.ts';
import { evolveToolCall, initialToolCall, type CallContext, type ToolCallCommand, type ToolCallEvent, type ToolCallState } from './tool-call.state.ts';

type Of<T extends ToolCallCommand['type']> = Extract<ToolCallCommand, { type: T }>;

/** A request that kills its executor must not do so for ever. */
const MAX_RECOVERIES = 10;

function decide(command: ToolCallCommand, state: ToolCallState): Decision<ToolCallEvent> {
  switch (command.type) {
    case 'tool_call.create':
      return create(command, state);
    case 'tool_call.cancel':
      return cancel(command, state);
    case 'tool_call.advance':
      return state.status === 'selected' ? [begin(command, state)] : [];
    case 'tool_call.recover':
      return state.status === 'running' ? [again(command.data.context, state)] : [];
    case 'tool_call.record':
      return state.status === 'running' ? [ended(command.data.outcome, command.data.latency_ms)] : [];
  }
}

function create({ data, meta }: Of<'tool_call.create'>, state: ToolCallState): Decision<ToolCallEvent> {
  const { tool_id = null, tool_binding_id = null, builtin, mcp, purpose, input = null, path, query, body, headers, timeout_seconds } = data;
  const parts = { ...(path !== undefined && { path }), ...(query && { query }), ...(body !== undefined && { body }), ...(headers && { headers }) };
  const created = { tool_id, tool_binding_id, ...(builtin && { builtin }), ...(mcp && { mcp }), purpose, input, config: parts, timeout_seconds };
  if (state.status === 'none') return [{ type: 'tool_call.created', data: created }];
  if (isDeepStrictEqual(created, state.created)) return [];
  return reject('conflict', 'tool-call-exists', `The id "${meta.stream_id}" belongs to another call: take another tool_call_id.`);
}

function cancel({ data, meta }: Of<'tool_call.cancel'>, { status }: ToolCallState): Decision<ToolCallEvent> {
  if (status === 'none') return reject('missing', 'tool-call-not-found', `There is no call "${meta.stream_id}" outside of runs in this workspace.`);
  if (status === 'cancelled') return [];
  if (status === 'completed' || status === 'failed') return reject('conflict', 'tool-call-ended', `The call is ${status} already and can't be cancelled.`);
  return [{ type: 'tool_call.cancelled', data: { reason: data.reason ?? null } }];
}

/** How the call names its tool: the binding, where one is given, else the tool itself, or an MCP server; null for a built-in one. */
export const refOf = ({ created }: ToolCallState): ToolRef | null =>
  created?.mcp
    ? { kind: 'mcp_server', id: created.mcp.mcp_server_id }
    : created?.builtin
      ? null
      : created?.tool_binding_id
        ? { kind: 'tool_binding', id: created.tool_binding_id }
        : { kind: 'tool', id: created?.tool_id ?? '' };

function begin({ data: { context }, meta }: Of<'tool_call.advance'>, state: ToolCallState): ToolCallEvent {
  const { created } = state;
  const ref = refOf(state);
  const resolved = ref ? context.tools[toolKey(ref)] : undefined;
  if (created?.tool_id && resolved && resolved.tool.id !== created.tool_id)
    return notMade({
      code: 'tool-binding-mismatch',
      message: `Binding "${created.tool_binding_id}" is one of tool "${resolved.tool.id}", not of "${created.tool_id}"; name one of this tool.`,
      retryable: false,
    });
  const request = requestOf(context, state, { ...meta, run_id: meta.stream_id });
  if ('failed' in request) return notMade(request.failed);
  if (asks(request.value)) {
    const message = 'A person has to approve each call of this tool, which only runs can wait for: call it in a workflow.';
    return notMade({ code: 'tool-needs-approval', message, retryable: false });
  }
  // What needs nothing outside is answered by the effect all the same: there is one way from a call to its outcome.
  const sealed = sealRequest(request.value, meta.workspace_id, context.secrets);
  if ('failed' in sealed) return notMade(sealed.failed);
  const key = `${meta.workspace_id}/tool_call/${meta.stream_id}`;
  return { type: 'tool_call.started', data: { ...usedOf(created?.mcp ? undefined : resolved), key, request: sealed.recorded } };
}

const asks = (request: JsonValue): boolean => typeof request === 'object' && request !== null && 'approval' in request;

const usedOf = (resolved: ResolvedTool | undefined) => ({
  tool_id: resolved?.tool.id ?? null,
  tool_version_id: resolved?.version.id ?? null,
  tool_binding_id: resolved?.binding?.id ?? null,
});

function requestOf(
  { node, tools }: CallContext,
  state: ToolCallState,
  meta: { readonly run_id: string; readonly workspace_id: string; readonly now: string },
): { readonly value: JsonValue } | { readonly failed: NodeError } {
  const { created } = state;
  const ref = refOf(state);
  const given = literal({ input: created?.input ?? {}, resource: created?.mcp?.resource ?? null });
  const { input, resource } = given.value;
  const config = node.config.safeParse({
    ...created?.config,
    ...(created?.mcp
      ? { ...created.mcp, ...(resource !== null && { resource }), arguments: input }
      : { ...(created?.input && { input }), ...namedBy(created, ref) }),
    timeout_seconds: created?.timeout_seconds,
  });
  const [issue] = config.error?.issues ?? [];
  if (issue) return { failed: { code: 'config-invalid', message: `${issue.path.join('.')}: ${issue.message}`, retryable: false } };
  const scope = {
    input: created?.input ?? {},
    state: given.state,
    nodes: {},
    current: { node_id: 'call' },
    run: { id: meta.run_id, workspace_id: meta.workspace_id },
    now: meta.now,
    tools,
  };
  const request = requestWithMarks(node, config.data, scope);
  return isFailed(request) ? request : { value: request };
}

/** What of a tool node's config names the tool. */
const namedBy = (created: ToolCallState['created'], ref: ToolRef | null): JsonObject =>
  ref ? { [ref.kind === 'tool' ? 'tool_id' : 'tool_binding_id']: ref.id } : { builtin: created?.builtin ?? null };

const isFailed = (request: JsonValue | { readonly failed: NodeError }): request is { readonly failed: NodeError } =>
  typeof request === 'object' && request !== null && 'failed' in request;

/** Its executor died before it heard of the outcome. */
function again({ node }: CallContext, { started }: ToolCallState): ToolCallEvent {
  const recovered = (started?.recovered ?? 0) + 1;
  if (started && node.onUnknown(started.request) === 'repeat' && recovered <= MAX_RECOVERIES)
    return { type: 'tool_call.started', data: { ...started, recovered } };
  const message = 'The process that made the call died before the answer came. It may have been done, and is not done twice: look outside.';
  return notMade({ code: 'outcome-unknown', message, retryable: false });
}

const errorOf = ({ code, message, detail }: NodeError): { code: string; message: string; detail?: JsonObject } => ({
  code,
  message,
  ...(detail && { detail }),
});
const notMade = (error: NodeError): ToolCallEvent => ({ type: 'tool_call.failed', data: { error: errorOf(error), latency_ms: null } });

function ended(outcome: NodeEnd, latency_ms: number): ToolCallEvent {
  if (outcome.status === 'failed') return { type: 'tool_call.failed', data: { error: errorOf(outcome.error), latency_ms } };
  return { type: 'tool_call.completed', data: { output_json: outcome.output_json, output_text: outcome.output_text, latency_ms } };
}

export const toolCallDecider: Decider<ToolCallState, ToolCallCommand, ToolCallEvent> = { initial: initialToolCall, decide, evolve: evolveToolCall };
