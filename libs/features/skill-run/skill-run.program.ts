import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import type { Implementation, RuntimeType } from '@agent-platform/contracts/skill/implementation';
import type { EffectContext } from '@agent-platform/kernel/executor';
import type { Lookup } from '@agent-platform/kernel/index';
import type { NodeAgain, NodeEnd, NodeError, NodeOutcome, NodeScope, ResolvedTool, ToolRef } from '@agent-platform/nodes/node';

/** A version of a skill as its stream has it. The skill feature's state has at least this. */
interface Version {
  readonly version_id: string;
  readonly number: number;
  readonly runtime_type: RuntimeType;
  readonly parameter_schema_json: JsonObject;
  readonly output_schema_json: JsonObject;
  readonly implementation_json: JsonObject;
}

/** What runs need to know of a skill's folded state. */
export interface SkillVersions {
  readonly status: string;
  readonly fields: { readonly code: string; readonly install_required: boolean };
  readonly published: { readonly version_id: string } | null;
  readonly versions: readonly Version[];
}

/** Node types whose effects steps are. */
export type StepKind = 'llm' | 'tool' | 'code';

/** What a step asks for, and how it is done: the effects of node types. Given from outside, features do not know each other. */
export interface StepRunner {
  /** The tools that a step with this config needs. */
  tools(config: ToolConfig): readonly ToolRef[];
  tool(ref: ToolRef, workspaceId: string, lookup: Lookup): Promise<ResolvedTool | null>;
  /** The request of a step, as it may be recorded. Pure. */
  ask(kind: StepKind, config: object, scope: NodeScope, lookup: Lookup): { readonly recorded: JsonValue } | { readonly failed: NodeError };
  /** Whether a step may be done again when nobody knows whether it was done. */
  repeatable(kind: StepKind, request: JsonValue): boolean;
  /** Goes on after an answer of a person, on the request as it was recorded: asks for the step anew, or ends it. Pure. */
  resume(kind: StepKind, request: JsonValue, signal: JsonObject): NodeEnd | NodeAgain;
  /** Does it. Failures are outcomes. */
  perform(
    step: { readonly kind: StepKind; readonly step_id: string; readonly request: JsonValue },
    lookup: Lookup,
    context: EffectContext,
  ): Promise<NodeOutcome>;
}

/** A skill version ready to be executed. */
export interface SkillProgram {
  readonly implementation: Implementation;
  readonly output_schema_json: JsonObject;
  /** Tools as they are now, by `toolKey`. */
  readonly tools: Readonly<Record<string, ResolvedTool>>;
  /** Null where nothing is asked outside. */
  readonly steps: StepRunner | null;
  readonly lookup: Lookup;
}

/** Of these nothing is asked outside: they end in the decision that begins them. */
export const isPure = (runtime: RuntimeType): boolean => runtime === 'template';
