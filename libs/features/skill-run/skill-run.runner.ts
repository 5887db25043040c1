import { toFailure, type Lookup } from '@agent-platform/kernel/index';
import type { EffectNode, NodeOutcome, NodeRegistry, ResolvedTool, ToolRef } from '@agent-platform/nodes/node';
import { performRecorded } from '@agent-platform/nodes/recorded.request';
import { sealRequest } from '@agent-platform/nodes/request-secrets';
import { requestWithMarks } from '@agent-platform/nodes/secret-marks';
import type { Ports } from '@agent-platform/ports/index';
import type { StepKind, StepRunner } from './skill-run.program.ts';

/** What steps are done with. Tools and secrets are looked up from outside: features do not know each other. */
export interface StepParts {
  readonly nodes: NodeRegistry;
  readonly ports: Ports;
  readonly tools: (workspaceId: string, ref: ToolRef, lookup: Lookup) => Promise<ResolvedTool | null>;
  readonly secrets: (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>;
}

/** Steps of skills are the effects of workflow nodes: the same requests, secrets, idempotency keys and answers. */
export function createStepRunner({ nodes, ports, tools, secrets }: StepParts): StepRunner {
  const nodeOf = (kind: StepKind): EffectNode | null => {
    const node = nodes.get(kind);
    return node?.kind === 'effect' ? node : null;
  };
  return {
    tools: (config) => nodeOf('tool')?.tools?.(config) ?? [],
    tool: (ref, workspaceId, lookup) => tools(workspaceId, ref, lookup),
    ask(kind, config, scope, lookup) {
      const node = nodeOf(kind);
      if (!node) return { failed: unknownKind(kind).error };
      const request = node.fill ? requestWithMarks(node, config, scope) : node.request(config, scope);
      // What a node can't make a request of it says as `failed`.
      if (typeof request === 'object' && request !== null && 'failed' in request) return request as { readonly failed: ReturnType<typeof failure>['error'] };
      return sealRequest(request, scope.run.workspace_id, lookup.secrets);
    },
    repeatable: (kind, request) => nodeOf(kind)?.onUnknown(request) === 'repeat',
    resume(kind, request, signal) {
      const node = nodeOf(kind);
      return node?.resume?.(request, signal) ?? failure('skill-step-waits', `Steps of type "${kind}" wait for nobody.`);
    },
    async perform({ kind, step_id, request: recorded }, lookup, context) {
      const node = nodeOf(kind);
      if (!node) return unknownKind(kind);
      const { workspace_id } = context.stream;
      const explain = (error: unknown): NodeOutcome => {
        const { code, message, kind: why } = toFailure(error);
        return context.timedOut()
          ? failure('skill-run-timeout', `Step "${step_id}" was not done before the run's timeout_seconds were over.`)
          : failure(code, message, why === 'transient');
      };
      const secretOf = (name: string): Promise<string | null> => secrets(workspace_id, name, lookup);
      return performRecorded(recorded, { node, ports, secrets: lookup.secrets, secretOf, explain }, context);
    },
  };
}

const failure = (code: string, message: string, retryable = false): Extract<NodeOutcome, { status: 'failed' }> => ({
  status: 'failed',
  error: { code, message, retryable },
});
const unknownKind = (kind: string) => failure('node-type-unknown', `No executor here knows steps of type "${kind}".`);
