import { jobContract } from '@agent-platform/contracts/job/job.contract';
import { defineFeature, type AnyFeature, type Feature } from '@agent-platform/kernel/index';
import { jobDecider, jobView, type JobCommand, type JobEvent, type JobState } from './job.decider.ts';
import { jobQueries } from './job.queries.ts';
import { timersProjection } from './timers.projection.ts';

export type { JobCommand, JobEvent, JobState };

/** Durable timers. `others` are the features whose events may ask for one. */
export const createJobFeature = (others: readonly AnyFeature[]): Feature<JobState, JobCommand, JobEvent> =>
  defineFeature({
    contract: jobContract,
    decider: jobDecider,
    view: jobView,
    projections: [timersProjection(others)],
    queries: jobQueries,
  });
