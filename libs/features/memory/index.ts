import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { memoryContract } from '@agent-platform/contracts/memory/memory.contract';
import { defineFeature, deterministicUuid, type Feature, type Policy, type Timer } from '@agent-platform/kernel/index';
import { memoryDecider } from './memory.decider.ts';
import { memoryProjection } from './memory.projection.ts';
import { memoryQueries } from './memory.queries.ts';
import { memoryView, type MemoryCommand, type MemoryEvent, type MemoryState } from './memory.state.ts';

export { rankMemories, wordsOf } from './memory.ranking.ts';
export type { MemoryCommand, MemoryEvent, MemoryState };

/** The timer of a memory is due: its time is over, if nobody changed it. */
const expiry: Policy = {
  triggers: [{ category: 'job', type: 'job.due' }],
  react(event: EventEnvelope) {
    const { target, payload } = event.data as { target?: { category?: string; stream_id?: string }; payload?: { expires_at?: string } };
    const [memory_id, expires_at] = [target?.stream_id, payload?.expires_at];
    if (target?.category !== 'memory' || memory_id === undefined || expires_at === undefined) return [];
    return [{ type: 'memory.expire', data: { memory_id, expires_at } }];
  },
};

/**
 * Every expiry has a timer of its own: a timer falls due once for ever, so one that is moved could not. Those of an expiry
 * that was changed fall due in vain (`memory.expire` names the expiry it is about).
 */
const timerOf = ({ workspace_id, stream_id }: StreamRef, expires_at: string): string =>
  deterministicUuid(`timer/memory/${workspace_id}/${stream_id}/${expires_at}`);

/** Memories: what is remembered for a user, a session, an agent or a team, until it is revoked, deleted or expires. */
export const memoryFeature: Feature<MemoryState, MemoryCommand, MemoryEvent> = defineFeature({
  contract: memoryContract,
  decider: memoryDecider,
  view: memoryView,
  timers(event, stream): readonly Timer[] {
    if (event.type !== 'memory.created' && event.type !== 'memory.updated') return [];
    const { expires_at } = event.data;
    if (expires_at === null || expires_at === undefined) return [];
    return [{ timer_id: timerOf(stream, expires_at), due_at: expires_at, target: stream, payload: { expires_at } }];
  },
  policies: [expiry],
  projections: [memoryProjection],
  queries: memoryQueries,
});
