import type { jobContract } from '@agent-platform/contracts/job/job.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Decider } from '@agent-platform/kernel/index';

export type JobCommand = CommandOf<typeof jobContract>;
export type JobEvent = EventOf<typeof jobContract>;

/** What a fired timer said; null before. */
export type JobState = JobEvent['data'] | null;

export const jobDecider: Decider<JobState, JobCommand, JobEvent> = {
  initial: null,
  decide: ({ data: { target, payload, due_at } }, state) => (state === null ? [{ type: 'job.due', data: { target, payload, due_at } }] : []),
  evolve: (_state, event) => event.data,
};

export const jobView = (state: JobState, id: string): JsonObject | null => state && { id, ...state };
