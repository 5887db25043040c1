import { createHash } from 'node:crypto';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';

/** An event as readers and the checker compare it. */
export type Recorded = Omit<EventEnvelope, 'position'> & { readonly position: number };

/** Two readers saw the same event when this is the same. */
export const fingerprint = (event: Recorded): string =>
  createHash('sha256')
    .update(JSON.stringify([event.id, event.type, event.workspace_id, event.category, event.stream_id, event.version, event.actor, event.data]))
    .digest('base64url');
