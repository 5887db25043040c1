import type { IncomingHttpHeaders } from 'node:http';
import { Id, WorkspaceId } from '@agent-platform/contracts/kit/ids';

/** Whose call it is, as far as the caller says so. */
export interface CallLabel {
  readonly workspace_id: string;
  readonly run_id: string | null;
  readonly skill_run_id: string | null;
  readonly node_id: string | null;
  readonly agent_id: string | null;
}

/** From the headers `x-workspace-id`, `x-run-id`, `x-skill-run-id`, `x-node-id` and `x-agent-id`; one that is no id counts as absent: labels refuse no call. */
export function labelOf(headers: IncomingHttpHeaders): CallLabel {
  const id = (name: string) => Id.safeParse(headers[name]).data ?? null;
  return {
    workspace_id: WorkspaceId.safeParse(headers['x-workspace-id']).data ?? 'public',
    run_id: id('x-run-id'),
    skill_run_id: id('x-skill-run-id'),
    node_id: id('x-node-id'),
    agent_id: id('x-agent-id'),
  };
}
