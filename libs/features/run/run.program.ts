import type { WorkflowDefinition, WorkflowNode, RetryPolicy } from '@agent-platform/contracts/workflow/definition';
import { compile, type Graph } from '@agent-platform/graph/index';
import type { Secrets } from '@agent-platform/kernel/secrets';
import { type AnyNode, type NodeError, type NodeRegistry, type ResolvedTool, toolKey, type ToolRef } from '@agent-platform/nodes/node';

/** One node of a workflow, ready to be executed: its type found and its config parsed. */
export interface ProgramNode {
  readonly id: string;
  readonly type: string;
  readonly node: AnyNode | null;
  readonly config: unknown;
  /** Why it can't be executed: unknown type or bad config. */
  readonly broken: NodeError | null;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  readonly onUnknown: 'repeat' | 'stop' | null;
}

/** A workflow version compiled against the node types of this process: made once per version and shared by its runs. */
export interface Program {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<string, ProgramNode>;
  readonly registry: NodeRegistry;
  readonly toolRefs: readonly ToolRef[];
  /** Tools as they are now, by `toolKey`. */
  readonly tools: Readonly<Record<string, ResolvedTool>>;
  readonly secrets: Secrets | undefined;
  /** Value of a named secret as it is now, for the moment of a call; null when there is none. */
  readonly secretOf: SecretOf;
}

export type SecretOf = (name: string) => Promise<string | null>;

const NO_RETRY: RetryPolicy = { max_attempts: 1, delay_ms: 1000, factor: 2, max_delay_ms: 60_000 };

export function programNode(source: Pick<WorkflowNode, 'id' | 'type' | 'config'> & Partial<WorkflowNode>, registry: NodeRegistry): ProgramNode {
  const node = registry.get(source.type) ?? registry.fallback ?? null;
  const parsed = node?.config.safeParse(source.config);
  const issue = parsed?.error?.issues[0];
  return {
    id: source.id,
    type: source.type,
    node,
    config: parsed?.data,
    broken: !node
      ? { code: 'node-type-unknown', message: `No executor here knows the node type "${source.type}" of node "${source.id}".`, retryable: false }
      : issue
        ? { code: 'config-invalid', message: `Node "${source.id}": config.${issue.path.join('.')}: ${issue.message}`, retryable: false }
        : null,
    retry: source.retry ?? NO_RETRY,
    timeoutMs: source.timeout_seconds === undefined ? null : source.timeout_seconds * 1000,
    onUnknown: source.on_unknown ?? null,
  };
}

export function compileProgram(definition: WorkflowDefinition, registry: NodeRegistry, secrets?: Secrets, secretOf: SecretOf = async () => null): Program {
  const nodes = new Map(definition.nodes.map((source) => [source.id, programNode(source, registry)]));
  const refs = new Map<string, ToolRef>();
  for (const { node, config, broken } of nodes.values()) {
    if (!broken) for (const ref of node?.tools?.(config) ?? []) refs.set(toolKey(ref), ref);
  }
  return { graph: compile(definition), nodes, registry, toolRefs: [...refs.values()], tools: {}, secrets, secretOf };
}
