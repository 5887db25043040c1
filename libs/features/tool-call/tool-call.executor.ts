import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { type Effect, type EffectContext, type Executor, type Lookup, toFailure } from '@agent-platform/kernel/index';
import { HUMAN_ANSWERS, readHumanAnswer } from '@agent-platform/nodes/human-answer';
import { toolKey, type EffectNode, type NodeOutcome } from '@agent-platform/nodes/node';
import { performRecorded } from '@agent-platform/nodes/recorded.request';
import type { ToolLookup } from './tool-call.prepare.ts';
import type { Ports } from '@agent-platform/ports/index';
import { CALL, refOf } from './tool-call.decider.ts';
import { hasEnded, isUnderWay, type CallContext, type ToolCallCommand, type ToolCallEvent, type ToolCallState } from './tool-call.state.ts';

type Wanted = Pick<ToolCallCommand, 'type' | 'data'>;
interface Asked {
  readonly request: Extract<ToolCallEvent, { type: 'tool_call.started' }>['data']['request'];
  readonly context: CallContext;
}

/** A little more than the call may take: its own time limit says more about what happened. */
const GRACE_MS = 5_000;

/** What a call needs from elsewhere, given from outside: features do not know each other. */
export interface ToolCallParts {
  /** The node types `tool` and `mcp`. */
  readonly node: EffectNode;
  readonly mcp: EffectNode;
  readonly ports: Ports;
  readonly tools: ToolLookup;
  readonly secrets: (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>;
}

/** Makes calls outside of runs: one request each, recorded before it is sent, and approved where the tool demands it. */
export function createToolCallExecutor({
  node: toolNode,
  mcp,
  ports,
  tools,
  secrets,
}: ToolCallParts): Executor<ToolCallState, ToolCallCommand, ToolCallEvent, CallContext> {
  return {
    category: 'tool_call',
    triggers: [...['tool_call.created', 'tool_call.cancelled'].map((type) => ({ category: 'tool_call', type })), ...HUMAN_ANSWERS],
    wake,
    async context(state, { workspace_id }, lookup) {
      const ref = refOf(state.created ?? {});
      const tool = ref && (await tools(workspace_id, ref, lookup));
      const node = state.created?.mcp ? mcp : toolNode;
      return { node, tools: tool ? { [toolKey(ref)]: tool } : {}, secrets: lookup.secrets, secretOf: (name) => secrets(workspace_id, name, lookup) };
    },
    // The context is bound to it before it is decided.
    advance: () => ({ type: 'tool_call.advance', data: {} }) as Wanted,
    recover: (state) => (isUnderWay(state) ? ({ type: 'tool_call.recover', data: {} } as Wanted) : null),
    bind: (command, context) => ({ ...command, data: { ...command.data, context } }),
    effect(event, { created }, context): Effect | null {
      if (event.type !== 'tool_call.started') return null;
      const { key, request } = event.data;
      return { key, kind: 'tool', request: { request, context } satisfies Asked, timeoutMs: (created?.timeout_seconds ?? 30) * 1000 + GRACE_MS };
    },
    async perform({ request }, context) {
      const begun = performance.now();
      const outcome = await call(request as Asked, ports, context);
      return { type: 'tool_call.record', data: { outcome, latency_ms: Math.round((performance.now() - begun) * 100) / 100 } };
    },
    wanted: (state) => new Set(state.started && isUnderWay(state) ? [state.started.key] : []),
    ended: hasEnded,
  };
}

function wake(event: EventEnvelope): { stream: StreamRef; command?: Wanted } | null {
  const { workspace_id, category, stream_id } = event;
  if (category === 'tool_call') return { stream: { workspace_id, category, stream_id } };
  const answer = readHumanAnswer(event);
  if (answer?.node_id !== CALL) return null;
  const { run_id, task_id, signal } = answer;
  // The context is bound to it before it is decided.
  return { stream: { workspace_id, category: 'tool_call', stream_id: run_id }, command: { type: 'tool_call.answered', data: { task_id, signal } } as Wanted };
}

/** One call. Whatever is thrown becomes an outcome. */
async function call({ request, context: { node, secrets, secretOf } }: Asked, ports: Ports, context: EffectContext): Promise<NodeOutcome> {
  const explain = (error: unknown): NodeOutcome => {
    const { code, message } = toFailure(error);
    const late = context.timedOut() ? { code: 'tool-timeout', message: 'The tool took longer than it may.' } : { code, message };
    return { status: 'failed', error: { ...late, retryable: false } };
  };
  return performRecorded(request, { node, ports, secrets, secretOf, explain }, context);
}
