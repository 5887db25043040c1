import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { isDeepStrictEqual } from 'node:util';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { askedWork } from '@agent-platform/nodes/asked.work';
import { toolKey, type NodeError, type NodeOutcome, type ResolvedTool, type ToolRef } from '@agent-platform/nodes/node';
import { sealRequest } from '@agent-platform/nodes/request-secrets';
import { requestWithMarks } from '@agent-platform/nodes/secret-marks';
import { literal } from './literal.ts';
import {
  evolveToolCall,
  hasEnded,
  initialToolCall,
  isUnderWay,
  type CallContext,
  type ToolCallCommand,
  type ToolCallEvent,
  type ToolCallState,
} from './tool-call.state.ts';

/** What a call says about whom it calls. */
type Created = NonNullable<ToolCallState['created']>;
type Naming = { readonly [K in 'mcp' | 'builtin' | 'tool_binding_id' | 'tool_id']?: Created[K] | undefined };
type Of<T extends ToolCallCommand['type']> = Extract<ToolCallCommand, { type: T }>;

/** In the place of a node: by this name the answer of a person leads back to the call. */
export const CALL = 'tool_call';

/** A request that kills its executor must not do so for ever. */
const MAX_RECOVERIES = 10;

function decide(command: ToolCallCommand, state: ToolCallState): Decision<ToolCallEvent> {
  switch (command.type) {
    case 'tool_call.create':
      return create(command, state);
    case 'tool_call.cancel':
      return cancel(command, state);
    case 'tool_call.advance':
      return state.status === 'selected' && !state.started ? [begin(command, state)] : [];
    case 'tool_call.recover':
      return isUnderWay(state) ? [again(command.data.context, state)] : [];
    case 'tool_call.record':
      return isUnderWay(state) ? [ended(command.data.outcome, command.data.latency_ms)] : [];
    case 'tool_call.answered':
      return answered(command, state);
  }
}

function create({ data, meta }: Of<'tool_call.create'>, state: ToolCallState): Decision<ToolCallEvent> {
  const { tool_id = null, tool_binding_id = null, builtin, mcp, purpose, input = null, path, query, body, headers, timeout_seconds } = data;
  const parts = { ...(path !== undefined && { path }), ...(query && { query }), ...(body !== undefined && { body }), ...(headers && { headers }) };
  const created = { tool_id, tool_binding_id, ...(builtin && { builtin }), ...(mcp && { mcp }), purpose, input, config: parts, timeout_seconds };
  if (state.status === 'none') return [{ type: 'tool_call.created', data: { ...created, ...(data.requires_approval && { requires_approval: true }) } }];
  // The tool may have got another version since.
  const { requires_approval: _, ...before } = state.created ?? {};
  if (isDeepStrictEqual(created, before)) return [];
  return reject('conflict', 'tool-call-exists', `The id "${meta.stream_id}" belongs to another call: take another tool_call_id.`);
}

function cancel({ data, meta }: Of<'tool_call.cancel'>, state: ToolCallState): Decision<ToolCallEvent> {
  const { status, started } = state;
  if (status === 'none') return reject('missing', 'tool-call-not-found', `There is no call "${meta.stream_id}" outside of runs in this workspace.`);
  if (status === 'cancelled') return [];
  if (hasEnded(state)) return reject('conflict', 'tool-call-ended', `The call is ${status} already and can't be cancelled.`);
  return [{ type: 'tool_call.cancelled', data: { reason: data.reason ?? null, ...(started && askedWork('tool', started.request, meta.workspace_id)) } }];
}

/** A person has answered: the call is made as it was shown, or it is not made. */
function answered({ data: { context, task_id, signal } }: Of<'tool_call.answered'>, state: ToolCallState): Decision<ToolCallEvent> {
  const { status, started } = state;
  if (status !== 'selected' || !started) return [];
  // A quick answer: that a person was asked has not been recorded yet. It must come again.
  if (state.task_id === null) return reject('conflict', 'tool-call-not-waiting-yet', 'The person answered before it was recorded that one was asked.');
  const outcome = state.task_id === task_id ? context.node.resume?.(started.request, signal) : undefined;
  if (outcome?.status === 'failed') return [{ type: 'tool_call.skipped', data: { error: errorOf(outcome.error) } }];
  if (outcome?.status !== 'again') return [];
  const { recovered: _, ...asked } = started;
  return [{ type: 'tool_call.started', data: { ...asked, request: outcome.request } }];
}

/** How a call names its tool: the binding, where one is given, else the tool itself, or an MCP server; null for a built-in one. */
export function refOf({ mcp, builtin, tool_binding_id, tool_id }: Naming): ToolRef | null {
  if (mcp) return { kind: 'mcp_server', id: mcp.mcp_server_id };
  if (builtin) return null;
  return tool_binding_id ? { kind: 'tool_binding', id: tool_binding_id } : { kind: 'tool', id: tool_id ?? '' };
}

function begin({ data: { context }, meta }: Of<'tool_call.advance'>, state: ToolCallState): ToolCallEvent {
  const { created } = state;
  const ref = refOf(created ?? {});
  const resolved = ref ? context.tools[toolKey(ref)] : undefined;
  if (created?.tool_id && resolved && resolved.tool.id !== created.tool_id)
    return notMade({
      code: 'tool-binding-mismatch',
      message: `Binding "${created.tool_binding_id}" is one of tool "${resolved.tool.id}", not of "${created.tool_id}"; name one of this tool.`,
      retryable: false,
    });
  const request = requestOf(context, state, { ...meta, run_id: meta.stream_id });
  if ('failed' in request) return notMade(request.failed);
  // What needs nothing outside is answered by the effect all the same: there is one way from a call to its outcome.
  const sealed = sealRequest(request.value, meta.workspace_id, context.secrets);
  if ('failed' in sealed) return notMade(sealed.failed);
  const key = `${meta.workspace_id}/tool_call/${meta.stream_id}`;
  return { type: 'tool_call.started', data: { ...usedOf(created?.mcp ? undefined : resolved), key, request: sealed.recorded } };
}

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
  const ref = refOf(created ?? {});
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
    current: { node_id: CALL },
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

function ended(outcome: NodeOutcome, latency_ms: number): ToolCallEvent {
  // The one thing that a call can wait for is the person who has to approve it.
  if (outcome.status === 'waiting') return { type: 'tool_call.asked', data: { task_id: outcome.wait.detail['task_id'] as string } };
  if (outcome.status === 'failed') return { type: 'tool_call.failed', data: { error: errorOf(outcome.error), latency_ms } };
  return { type: 'tool_call.completed', data: { output_json: outcome.output_json, output_text: outcome.output_text, latency_ms } };
}

export const toolCallDecider: Decider<ToolCallState, ToolCallCommand, ToolCallEvent> = { initial: initialToolCall, decide, evolve: evolveToolCall };
