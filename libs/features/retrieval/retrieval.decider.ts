import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { retrievalContract } from '@agent-platform/contracts/retrieval/retrieval.contract';
import type { Decider } from '@agent-platform/kernel/index';

export type RetrievalCommand = CommandOf<typeof retrievalContract>;
export type RetrievalEvent = EventOf<typeof retrievalContract>;

/** What was recorded; null before. */
export type RetrievalState = RetrievalEvent['data'] | null;

export const retrievalDecider: Decider<RetrievalState, RetrievalCommand, RetrievalEvent> = {
  initial: null,
  // The first record stands: a node that is performed again after a crash keeps what its first answer was made of.
  decide({ data: { retrieval_id: _, ...data } }, state) {
    return state === null ? [{ type: 'retrieval.recorded', data }] : [];
  },
  evolve: (_state, event) => event.data,
};

// Filters are JSON; only their optional fields keep TypeScript from seeing it.
export const retrievalView = (state: RetrievalState, id: string): JsonObject | null =>
  state && ({ id, weights: null, rerank: null, ...state } as unknown as JsonObject);
