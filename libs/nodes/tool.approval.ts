import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { EffectContext } from '@agent-platform/kernel/index';
import { z } from 'zod';
import { humanTaskIds } from './human-task.ids.ts';
import { instantAfter } from './instant.ts';
import type { NodeError, NodeOutcome, NodeScope } from './node.ts';
import { nodeError } from './outcome.ts';

/** Who is asked about a call before it is made: part of its recorded request. */
export type Approval = { title: string; run_id: string; node_run_id: string; approved_by: string | null; due_at?: string };

/** `seconds`: how long the person has; absent: as long as it takes. */
const approvalFor = (tool: string, { run, current, now }: NodeScope, seconds?: number): Approval => ({
  title: `Call of ${tool}`.slice(0, 200),
  run_id: run.id,
  node_run_id: `${run.id}:${current.node_id}:${current.attempt ?? 1}`,
  approved_by: null,
  ...(seconds !== undefined && now !== undefined && { due_at: instantAfter(now, seconds) }),
});

type Demand = { readonly requires_approval?: boolean | undefined; readonly approval_timeout_seconds?: number | undefined };

/** The approval that a node or its tool demands, as a part of the request; the node's time to answer counts before the tool's. */
export function demanded(name: string, scope: NodeScope, node: Demand, tool: Demand = {}): { readonly approval?: Approval } {
  if (!node.requires_approval && !tool.requires_approval) return {};
  return { approval: approvalFor(name, scope, node.approval_timeout_seconds ?? tool.approval_timeout_seconds) };
}

/** Whether somebody has approved the call of a recorded request. */
export const isApproved = (request: JsonValue | undefined): boolean => {
  const approval = isObject(request) ? request['approval'] : undefined;
  return isObject(approval) && typeof approval['approved_by'] === 'string';
};

/** Whether somebody is to approve the call of a recorded request, and has not. */
export const isUnapproved = (request: JsonValue | undefined): boolean => isObject(request) && isObject(request['approval']) && !isApproved(request);

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Asks. The ids come from the attempt, so asking twice in one makes one task. The payload shows the call without its headers. */
export async function askApproval({ title, run_id, node_run_id, due_at }: Approval, shown: JsonObject, context: EffectContext): Promise<NodeOutcome> {
  const { workspace_id } = context.stream;
  const { task_id, command_id } = humanTaskIds(workspace_id, node_run_id);
  const task = { task_id, kind: 'approval', title, run_id, node_run_id, payload_json: shown, ...(due_at !== undefined && { due_at }) };
  await context.command('human_task.create', workspace_id, task, command_id);
  return { status: 'waiting', wait: { for: 'human_task', detail: { task_id }, ...(due_at !== undefined && { due_at }) } };
}

/** Code of the error of a call that was not made because nobody approved it. */
export const NOT_APPROVED = 'tool-not-approved';

const Answer = z.object({ status: z.string(), completed_by: z.string().nullish() });

/** Who approved it, or why it is not made. */
export function readApproval(signal: JsonObject): { readonly by: string } | { readonly failed: NodeError } {
  const { data: answer } = Answer.safeParse(signal);
  const by = answer?.completed_by ?? 'somebody';
  if (answer?.status === 'approved') return { by };
  const why = answer ? `${answer.status} by ${by}` : 'nobody answered in time';
  return { failed: nodeError(NOT_APPROVED, `The call was not approved: ${why}. Nothing was called.`) };
}
