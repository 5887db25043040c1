import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import type { Lookup } from '@agent-platform/kernel/index';
import type { WorkflowCommand, WorkflowState } from './workflow.state.ts';

/** Reads the definition of the version that workflow.publish names; the draft is in the state already. */
export async function preparePublish(command: WorkflowCommand, lookup: Lookup): Promise<WorkflowCommand> {
  if (command.type !== 'workflow.publish' || command.data.workflow_version_id === undefined) return command;
  const { workspace_id, stream_id } = command.meta;
  const stream = { workspace_id, category: 'workflow', stream_id };
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state(stream)) as WorkflowState | null;
  const version = state?.versions[command.data.workflow_version_id];
  const event = version ? await lookup.event(stream, version.stream_version) : null;
  return event ? { ...command, data: { ...command.data, definition: WorkflowDefinition.parse(event.data['definition']) } } : command;
}
