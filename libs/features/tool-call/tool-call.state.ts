import type { Command, CommandOf, EventOf, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import type { Secrets } from '@agent-platform/kernel/secrets';
import type { EffectNode, NodeOutcome, ResolvedTool } from '@agent-platform/nodes/node';
import { isUnapproved } from '@agent-platform/nodes/tool.approval';

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
  | Command<'tool_call.record', { readonly outcome: NodeOutcome; readonly latency_ms: number }>
  | Command<'tool_call.answered', { readonly context: CallContext; readonly task_id: string; readonly signal: JsonObject }>;

type PublicCommand = CommandOf<typeof toolCallContract>;

/** What `prepare` found for tool_call.create. */
interface PreparedCreate {
  readonly requires_approval?: true;
}

export type ToolCallCommand =
  | (Extract<PublicCommand, { type: 'tool_call.create' }> & { readonly data: PreparedCreate })
  | Extract<PublicCommand, { type: 'tool_call.cancel' }>
  | ExecutorCommand;
export type ToolCallEvent = EventOf<typeof toolCallContract>;
type Created = Extract<ToolCallEvent, { type: 'tool_call.created' }>['data'];
type Started = Extract<ToolCallEvent, { type: 'tool_call.started' }>['data'];
type Failure = Extract<ToolCallEvent, { type: 'tool_call.failed' }>['data'];

export interface ToolCallState {
  readonly status: 'none' | 'selected' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped';
  readonly created: Created | null;
  /** The newest request; that of a call that is still `selected` waits for a person. */
  readonly started: Started | null;
  /** The question to the person who has to approve the call. */
  readonly task_id: string | null;
  readonly output_json: JsonValue;
  readonly output_text: string | null;
  readonly error: Failure['error'] | null;
  readonly latency_ms: number | null;
}

export const initialToolCall: ToolCallState = {
  status: 'none',
  created: null,
  started: null,
  task_id: null,
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
      return { ...state, status: isUnapproved(event.data.request) ? 'selected' : 'running', started: event.data };
    case 'tool_call.asked':
      return { ...state, task_id: event.data.task_id };
    case 'tool_call.skipped':
      return { ...state, status: 'skipped', error: event.data.error };
    case 'tool_call.completed':
      return { ...state, status: 'completed', ...event.data };
    case 'tool_call.failed':
      return { ...state, status: 'failed', ...event.data };
    case 'tool_call.cancelled':
      return { ...state, status: 'cancelled', error: { code: 'tool-call-cancelled', message: event.data.reason ?? 'Somebody cancelled the call.' } };
  }
}

/** Whether something is to be done outside: the call itself, or asking the person who has to approve it. */
export const isUnderWay = ({ status, started, task_id }: ToolCallState): boolean =>
  status === 'running' || (status === 'selected' && started !== null && task_id === null);

const ENDS: ReadonlySet<ToolCallState['status']> = new Set(['completed', 'failed', 'cancelled', 'skipped'] as const);
export const hasEnded = ({ status }: ToolCallState): boolean => ENDS.has(status);

/** The call as commands answer it. */
export function toolCallView({ status, created, started, task_id, output_json, output_text, error, latency_ms }: ToolCallState, id: string): JsonObject | null {
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
    skill_run_id: null,
    step_id: null,
    task_id,
    input: created.input,
    request: started?.request ?? null,
    output_json,
    output_text,
    error: error && { code: error.code, message: error.message, ...(error.detail && { detail: error.detail }) },
    latency_ms,
  };
}
