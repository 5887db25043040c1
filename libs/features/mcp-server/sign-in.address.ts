import { Id, WorkspaceId } from '@agent-platform/contracts/kit/index';
import { z } from 'zod';

const State = z.tuple([WorkspaceId, Id, z.string().min(1).max(100)]);

/** What the browser comes back with: it says whose sign-in it is, and has a part that nobody can guess. */
export const makeState = (workspace_id: string, mcp_server_id: string, nonce: string): string =>
  Buffer.from(JSON.stringify([workspace_id, mcp_server_id, nonce])).toString('base64url');

/** Whose sign-in a state is for; null when it is none of ours. Whether it is the one that is waited for, the decider says. */
export function readState(state: string): { readonly workspace_id: string; readonly mcp_server_id: string } | null {
  try {
    const [workspace_id, mcp_server_id] = State.parse(JSON.parse(Buffer.from(state, 'base64url').toString('utf8')));
    return { workspace_id, mcp_server_id };
  } catch {
    return null;
  }
}
