import type { EffectContext } from '@agent-platform/kernel/index';
import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { Ports } from '@agent-platform/ports/index';
import type { z } from 'zod';

/** What templates and expressions of a node can see. Plain JSON, own properties only. */
export interface NodeScope {
  /** The run's input, as `input.x`. */
  readonly input: JsonObject;
  /** What assigners wrote, seeded from the run's input. */
  readonly state: JsonObject;
  /** Finished nodes: `nodes.<id>.output.x`, `nodes.<id>.text`, `nodes.<id>.status`, `nodes.<id>.error`. */
  readonly nodes: { readonly [nodeId: string]: JsonObject };
  /** `attempt` counts from 1; absent means 1. */
  readonly current: { readonly node_id: string; readonly attempt?: number };
  readonly run: { readonly id: string; readonly workspace_id: string };
  /** ISO instant of the command that is being decided (`meta.now`). Nodes that count time fail without it. Not seen by templates. */
  readonly now?: string;
  /**
   * The tools that the node's `tools(config)` asked for, keyed by `toolKey(ref)`; what the executor's context
   * did not find is absent. Not seen by templates: configs of tools may hold secrets.
   */
  readonly tools?: { readonly [key: string]: ResolvedTool };
  /** What stands in the places of secrets, as `secrets.<name>`; absent where none may be used. Never their values. */
  readonly secrets?: JsonObject;
}

/** Puts the values of secrets into a text, each in the spelling that its place needs (as it is when none is given). */
export type FillSecrets = (text: string, encode?: (value: string) => string) => string;

/** A tool as a node names it: through a binding, or directly (then its newest active version is meant). */
export interface ToolRef {
  readonly kind: 'tool' | 'tool_binding' | 'mcp_server';
  readonly id: string;
}

/** Key of a tool in `NodeScope.tools`: bindings and tools have ids of their own, which may be equal. */
export const toolKey = (ref: ToolRef): string => `${ref.kind}:${ref.id}`;

/** A tool, the version of it to use, and the binding it was reached through. */
export interface ResolvedTool {
  readonly tool: { readonly id: string; readonly code: string; readonly name: string };
  readonly version: {
    readonly id: string;
    readonly number: number;
    /** JSON Schema of the input; empty: anything. */
    readonly input_schema_json: JsonObject;
    /** JSON Schema of what it answers; absent: anything. */
    /** Absent, too, when nobody wants answers checked against it. */
    readonly output_schema_json?: JsonObject;
    readonly invoke_config_json: JsonObject;
  };
  readonly binding: { readonly id: string; readonly config_json: JsonObject } | null;
}

export interface NodeError {
  /** Stable machine code, e.g. `template-invalid`, `http-status`, `model-unavailable`. */
  readonly code: string;
  readonly message: string;
  /** Whether the node's retry policy may try again. */
  readonly retryable: boolean;
  /** More for people and for edges, e.g. `{status, body_excerpt}` of an HTTP answer. */
  readonly detail?: JsonObject;
}

/** What a finished node leaves behind. */
export interface NodeResult {
  readonly output_json: JsonValue;
  readonly output_text: string | null;
  /** Which outgoing edges are followed: those without a condition and those whose condition equals it. */
  readonly route?: string;
  /** With `route`: when no outgoing edge has a condition equal to the route, the node fails with this instead. */
  readonly fail_without_route?: NodeError;
  /** Merged into the run's `state`. */
  readonly state_updates?: JsonObject;
}

/** What a waiting node waits for. */
export interface NodeWait {
  readonly for: 'human_task' | 'signal' | 'timer';
  /** human_task: `{task_id}`; signal: `{signal}` (its name); timer: `{}`. */
  readonly detail: JsonObject;
  /** ISO instant at which the run wakes the node by a durable timer, with the signal `{timed_out: true}`. */
  readonly due_at?: string;
}

/**
 * What `resume` is given:
 *   human_task  `{status: 'approved' | 'rejected', response_payload_json, completed_by}`
 *   signal      `{payload}`
 *   due_at      `{timed_out: true}` (also how a timer ends)
 */
export type ResumeSignal = JsonObject;

export type NodeOutcome =
  | ({ readonly status: 'completed' } & NodeResult)
  | { readonly status: 'failed'; readonly error: NodeError }
  /** The node waits for something to happen; `detail` says for what, e.g. the id of a human task. */
  | { readonly status: 'waiting'; readonly wait: NodeWait };

/** An outcome that ends the attempt. */
export type NodeEnd = Exclude<NodeOutcome, { status: 'waiting' }>;

/** What was waited for allows the effect: it is performed now, with this request and under the key it has had. */
export interface NodeAgain<R extends JsonValue = JsonValue> {
  readonly status: 'again';
  readonly request: R;
}

/** What a node is performed with. */
export interface NodeContext extends EffectContext {
  /** What the platform itself keeps for something outside, by a name that no template can say; null when there is none. */
  credentialOf?(name: string): Promise<string | null>;
}

interface NodeBase<C> {
  /** Names in a workflow document; the first is the canonical one. */
  readonly types: readonly [string, ...string[]];
  readonly summary: string;
  /** Schema of `config`. Unknown keys are refused by name at publish time. */
  readonly config: z.ZodType<C>;
  /** Routes that the node can take: an edge with another condition is never followed. Absent, or null: not known before it runs. */
  routes?(config: C): readonly string[] | null;
  /** Templates and expressions inside the config that validation checks: dotted paths of the config. */
  check?(config: C): readonly { readonly path: string; readonly rule: string; readonly remedy: string }[];
  /** The tools that must be in `scope.tools` when the node is evaluated or its request is made. */
  tools?(config: C): readonly ToolRef[];
}

/** Decided inside the decider: no clock, random, await or throw. Follows at once, in the same commit. */
export interface PureNode<C = unknown> extends NodeBase<C> {
  readonly kind: 'pure';
  evaluate(config: C, scope: NodeScope): NodeEnd;
}

/** Touches the outside: `request` is rendered purely and logged before `perform` is called. */
export interface EffectNode<C = unknown, R extends JsonValue = JsonValue> extends NodeBase<C> {
  readonly kind: 'effect';
  /** Everything `perform` needs, as data. */
  request(config: C, scope: NodeScope): R | { readonly failed: NodeError };
  /**
   * For types whose configs may name secrets (`{{ secrets.<name> }}`): the request with their values, for the call alone.
   * Every text of it that may hold one goes through `fill`; types without it never see a secret.
   */
  fill?(request: R, fill: FillSecrets): R;
  /**
   * Decided purely, right after `request`: the outcome when nothing outside is needed for this request, else null
   * (then the request is logged and performed). A finished node is appended like a pure one; a waiting one parks in
   * that same append, with its request kept for `resume`.
   */
  immediate?(request: R): NodeOutcome | null;
  /**
   * After a crash between asking and answering: `repeat` calls again with the same key (reads, models,
   * receivers that honour the key); `stop` leaves the node visibly in "outcome unknown".
   */
  onUnknown(request: R): 'repeat' | 'stop';
  /** Rejects only when `context.signal` was aborted: whoever aborted it knows what that means for the node. */
  perform(request: R, ports: Ports, context: NodeContext): Promise<NodeOutcome>;
  /** Turns what it waited for into a result, e.g. a human answer, or goes on with a request; only for nodes that can wait. */
  resume?(request: R, signal: ResumeSignal): NodeEnd | NodeAgain<R>;
}

// A registry only hands a node values that its own schema parsed and its own `request` made, so the types can be erased.
// oxlint-disable-next-line no-explicit-any -- see above
export type AnyNode = PureNode<any> | EffectNode<any, any>;

/** Node types by every name they have. `fallback`, where given, stands in for unknown types in lenient mode. */
export interface NodeRegistry extends ReadonlyMap<string, AnyNode> {
  readonly fallback?: AnyNode;
}
