import type { EventEnvelope, JsonObject } from '@agent-platform/contracts/kit/index';

/** Events after which nobody has to wait for a person any more. */
export const HUMAN_ANSWERS: readonly { readonly category: string; readonly type: string }[] = ['approved', 'rejected', 'expired', 'cancelled'].map((how) => ({
  category: 'human_task',
  type: `human_task.${how}`,
}));

/** Who asked: the stream and the node, or step, in it. `signal` is what `resume` of the node type is given. */
export interface HumanAnswer {
  readonly task_id: string;
  readonly run_id: string;
  readonly node_id: string;
  readonly attempt: number;
  readonly signal: JsonObject;
}

/** Reads one of HUMAN_ANSWERS; null when the task belongs to nothing that waits. */
export function readHumanAnswer({ type, stream_id: task_id, data }: EventEnvelope): HumanAnswer | null {
  const [run_id, node_id, attempt = 1] = typeof data['node_run_id'] === 'string' ? data['node_run_id'].split(':') : [];
  if (!run_id || !node_id) return null;
  return { task_id, run_id, node_id, attempt: Number(attempt), signal: type === 'human_task.expired' ? { timed_out: true } : data };
}
