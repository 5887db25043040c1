import { deterministicUuid } from '@agent-platform/kernel/index';

/** Ids of the task that an attempt asks a person with, and of the command that makes it: asking twice makes one task. `node_run_id`: `<run>:<node>:<attempt>`. */
export function humanTaskIds(workspaceId: string, node_run_id: string): { readonly task_id: string; readonly command_id: string } {
  const attempted = `${workspaceId}/${node_run_id.replaceAll(':', '/')}`;
  return { task_id: deterministicUuid(`human_task/${attempted}`), command_id: deterministicUuid(`human_task.create/${attempted}`) };
}
