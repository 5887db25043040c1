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
  readonly current: { readonly node_id: string };
  readonly run: { readonly id: string; readonly workspace_id: string };
}

export interface NodeError {
  /** Stable machine code, e.g. `template-invalid`, `http-status`, `model-unavailable`. */
  readonly code: string;
  readonly message: string;
  /** Whether the node's retry policy may try again. */
  readonly retryable: boolean;
}

/** What a finished node leaves behind. */
export interface NodeResult {
  readonly output_json: JsonValue;
  readonly output_text: string | null;
  /** Which outgoing edges are followed: those without a condition and those whose condition equals it. */
  readonly route?: string;
  /** Merged into the run's `state`. */
  readonly state_updates?: JsonObject;
}

export type NodeOutcome =
  | ({ readonly status: 'completed' } & NodeResult)
  | { readonly status: 'failed'; readonly error: NodeError }
  /** The node waits for something to happen; `detail` says for what, e.g. the id of a human task. */
  | { readonly status: 'waiting'; readonly wait: { readonly for: 'human_task' | 'signal' | 'timer'; readonly detail: JsonObject } };

interface NodeBase<C> {
  /** Names in a workflow document; the first is the canonical one. */
  readonly types: readonly [string, ...string[]];
  readonly summary: string;
  /** Schema of `config`. Unknown keys are refused by name at publish time. */
  readonly config: z.ZodType<C>;
  /** Templates and expressions inside the config that validation checks: dotted paths of the config. */
  check?(config: C): readonly { readonly path: string; readonly rule: string; readonly remedy: string }[];
}

/** Decided inside the decider: no clock, random, await or throw. Follows at once, in the same commit. */
export interface PureNode<C = unknown> extends NodeBase<C> {
  readonly kind: 'pure';
  evaluate(config: C, scope: NodeScope): Exclude<NodeOutcome, { status: 'waiting' }>;
}

/** Touches the outside: `request` is rendered purely and logged before `perform` is called. */
export interface EffectNode<C = unknown, R extends JsonValue = JsonValue> extends NodeBase<C> {
  readonly kind: 'effect';
  /** Everything `perform` needs, as data. */
  request(config: C, scope: NodeScope): R | { readonly failed: NodeError };
  /**
   * After a crash between asking and answering: `repeat` calls again with the same key (reads, models,
   * receivers that honour the key); `stop` leaves the node visibly in "outcome unknown".
   */
  onUnknown(request: R): 'repeat' | 'stop';
  perform(request: R, ports: Ports, context: EffectContext): Promise<NodeOutcome>;
  /** Turns what it waited for into a result, e.g. a human answer; only for nodes that can wait. */
  resume?(request: R, signal: JsonObject): Exclude<NodeOutcome, { status: 'waiting' }>;
}

// A registry only hands a node values that its own schema parsed and its own `request` made, so the types can be erased.
// oxlint-disable-next-line no-explicit-any -- see above
export type AnyNode = PureNode<any> | EffectNode<any, any>;

export type NodeRegistry = ReadonlyMap<string, AnyNode>;

