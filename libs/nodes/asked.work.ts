import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { humanTaskIds } from './human-task.ids.ts';
import { isUnapproved } from './tool.approval.ts';

/** What an attempt asks others to make and waits for. */
export interface AskedWork {
  readonly task_id?: string;
  readonly skill_run_id?: string;
}

/** Read from the recorded request of a node or step, so it is known before the task or the run is there. */
export function askedWork(type: string, recorded: JsonValue | undefined, workspaceId: string): AskedWork {
  const request = recorded as JsonObject | undefined;
  if (type === 'skill') return typeof request?.['skill_run_id'] === 'string' ? { skill_run_id: request['skill_run_id'] } : {};
  const asking = type === 'human' ? request : isUnapproved(recorded) ? (request?.['approval'] as JsonObject) : undefined;
  return typeof asking?.['node_run_id'] === 'string' ? { task_id: humanTaskIds(workspaceId, asking['node_run_id']).task_id } : {};
}
