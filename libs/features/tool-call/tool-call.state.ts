import type { Command, CommandOf, EventOf, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import type { Secrets } from '@agent-platform/kernel/secrets';
import type { EffectNode, NodeEnd, ResolvedTool } from '@agent-platform/nodes/node';

/** What a decision needs from elsewhere: the tool as it is now, and how it is called. */
export interface CallContext {
  /** The node type `tool`, or `mcp`: a call outside of runs is made exactly as one in a run. */
  readonly node: EffectNode;
  readonly tools: Readonly<Record<string, ResolvedTool>>;
  readonly secrets: Secrets | undefined;
  /** Value of a named secret as it is now, for the moment of the call. */
  readonly secretOf: (name: string) => Promise<string | null>;
}

type ExecutorCommand =
  | Command<'tool_call.advance', { readonly context: CallContext }>
  | Command<'tool_call.recover', { readonly context: CallContext }>
  | Command<'tool_call.record', { readonly outcome: NodeEnd; readonly latency_ms: number }>;

export type ToolCallCommand = CommandOf<typeof toolCallContract> | ExecutorCommand;
export type ToolCallEvent = EventOf<typeof toolCallContract>;
type Created = Extract<ToolCallEvent, { type: 'tool_call.created' }>['data'];
type Started = Extract<ToolCallEvent, { type: 'tool_call.started' }>['data'];
type Failure = Extract<ToolCallEvent, { type: 'tool_call.failed' }>['data'];

export interface ToolCallState {
  readonly status: 'none' | 'selected' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly created: Created | null;
  readonly started: Started | null;
  readonly output_json: JsonValue;
  readonly output_text: string | null;
  readonly error: Failure['error'] | null;
  readonly latency_ms: number | null;
}

export const initialToolCall: ToolCallState = {
  status: 'none',
  created: null,
  started: null,
  output_json: null,
  output_text: null,
  error: null,
  latency_ms: null,
};

export function evolveToolCall(state: ToolCallState, event: ToolCallEvent): ToolCallState {
  switch (event.type) {
    case 'tool_call.created':
      return { ...initialToolCall, status: 'selected', created: event.data };
    case 'tool_call.started':
      return { ...state, status: 'running', started: event.data };
    case 'tool_call.completed':
      return { ...state, status: 'completed', ...event.data };
    case 'tool_call.failed':
      return { ...state, status: 'failed', ...event.data };
    case 'tool_call.cancelled':
      return { ...state, status: 'cancelled', error: { code: 'tool-call-cancelled', message: event.data.reason ?? 'Somebody cancelled the call.' } };
  }
}

/** The call as commands answer it. */
export function toolCallView({ status, created, started, output_json, output_text, error, latency_ms }: ToolCallState, id: string): JsonObject | null {
  if (!created) return null;
  return {
    id,
    source: created.purpose,
    status,
    tool_id: started?.tool_id ?? created.tool_id,
    tool_version_id: started?.tool_version_id ?? null,
    tool_binding_id: created.tool_binding_id,
    builtin: created.builtin ?? null,
    run_id: null,
    node_id: null,
    input: created.input,
    request: started?.request ?? null,
    output_json,
    output_text,
    error: error && { code: error.code, message: error.message, ...(error.detail && { detail: error.detail }) },
    latency_ms,
  };
}
