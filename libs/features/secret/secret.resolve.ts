import type { Lookup } from '@agent-platform/kernel/index';
import type { SecretState } from './secret.decider.ts';
import { placeOf } from './secret.prepare.ts';

/** Value of a secret as the log has it now; null when there is none, or when its key is gone. For the moment of a call only. */
export async function lookUpSecret(workspace_id: string, name: string, lookup: Lookup): Promise<string | null> {
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state({ workspace_id, category: 'secret', stream_id: name })) as SecretState | null;
  if (state?.status !== 'active') return null;
  return lookup.secrets?.open(placeOf(workspace_id, name), state.sealed) ?? null;
}
