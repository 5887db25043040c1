import { skillRunContract } from '@agent-platform/contracts/skill-run/skill-run.contract';
import { defineFeature, deterministicUuid, type Feature, type Timer } from '@agent-platform/kernel/index';
import { skillRunDecider } from './skill-run.decider.ts';
import { tellParent, withdrawOpen } from './skill-run.policies.ts';
import { prepareCreate, prepareExecute } from './skill-run.prepare.ts';
import { skillRunProjection } from './skill-run.projection.ts';
import { skillRunQueries } from './skill-run.queries.ts';
import { skillRunView, type SkillRunCommand, type SkillRunEvent, type SkillRunState } from './skill-run.state.ts';

export { createSkillRunExecutor } from './skill-run.executor.ts';
export { createStepRunner } from './skill-run.runner.ts';
export type { SkillRunCommand, SkillRunEvent, SkillRunState };

/** Runs of skills. */
export const skillRunFeature: Feature<SkillRunState, SkillRunCommand, SkillRunEvent> = defineFeature({
  contract: skillRunContract,
  decider: skillRunDecider,
  view: skillRunView,
  prepare: { 'skill_run.create': prepareCreate, 'skill_run.execute': prepareExecute },
  timers(event, stream): readonly Timer[] {
    // One for the whole run and one for each new attempt: their ids follow from the run's.
    const run = `timer/skill_run/${stream.workspace_id}/${stream.stream_id}`;
    const timer_id = deterministicUuid(run);
    switch (event.type) {
      case 'skill_run.started':
        return event.data.due_at === null ? [] : [{ timer_id, due_at: event.data.due_at, target: stream, payload: {} }];
      case 'skill_run.step_retry_scheduled': {
        const { index: step, attempt, due_at } = event.data;
        return [{ timer_id: deterministicUuid(`${run}/${step}/${attempt}`), due_at, target: stream, payload: { step, attempt } }];
      }
      case 'skill_run.completed':
      case 'skill_run.failed':
      case 'skill_run.cancelled':
        return [{ timer_id, cancel: true }];
      default:
        return [];
    }
  },
  policies: [tellParent, withdrawOpen],
  projections: [skillRunProjection],
  queries: skillRunQueries,
});
