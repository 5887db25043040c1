import { z } from 'zod';
import { Id, JsonObject } from '../kit/ids.ts';

/** Retry policy of a node: exponential backoff with a cap; delays are durable timers. */
export const RetryPolicy = z
  .strictObject({
    max_attempts: z.int().min(1).max(50).default(1),
    delay_ms: z.int().min(1).max(86_400_000).default(1000),
    factor: z.number().min(1).max(10).default(2),
    max_delay_ms: z.int().min(1).max(86_400_000).default(60_000),
  })
  .meta({ id: 'RetryPolicy' });
export type RetryPolicy = z.output<typeof RetryPolicy>;

export const WorkflowNode = z
  .strictObject({
    id: Id,
    type: z.string().min(1).max(64),
    name: z.string().max(200).optional(),
    config: JsonObject.default({}),
    retry: RetryPolicy.optional(),
    timeout_seconds: z.number().positive().max(86_400).optional(),
    /** After a crash in the middle of the effect; overrides the node type's rule. */
    on_unknown: z.enum(['repeat', 'stop']).optional(),
  })
  .meta({ id: 'WorkflowNode' });
export type WorkflowNode = z.output<typeof WorkflowNode>;

export const WorkflowEdge = z
  .strictObject({
    id: z.string().max(200).optional(),
    source: Id,
    target: Id,
    /** Followed when it equals the source's route; absent: always followed. */
    condition: z.string().max(200).optional(),
    /** Target input name to a path such as `nodes.a.output.x`: readable as `input.<name>` by the target. */
    mapping: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'WorkflowEdge' });
export type WorkflowEdge = z.output<typeof WorkflowEdge>;

/** The workflow document: JSON or YAML, versioned. Its JSON Schema is published under /api/v1/workflows/schema. */
export const WorkflowDefinition = z
  .strictObject({
    dsl_version: z.literal('1').default('1'),
    type: z.literal('dag').default('dag'),
    nodes: z.array(WorkflowNode).max(10_000),
    edges: z.array(WorkflowEdge).max(50_000),
  })
  .meta({ id: 'WorkflowDefinition' });
export type WorkflowDefinition = z.output<typeof WorkflowDefinition>;
