import { skillRunContract } from '@agent-platform/contracts/skill-run/skill-run.contract';
import { defineFeature, deterministicUuid, type Feature, type Timer } from '@agent-platform/kernel/index';
import { skillRunDecider } from './skill-run.decider.ts';
import { cancelChild, tellParent } from './skill-run.policies.ts';
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
    // A run has one timer at most, so its id follows from the run's.
    const timer_id = deterministicUuid(`timer/skill_run/${stream.workspace_id}/${stream.stream_id}`);
    switch (event.type) {
      case 'skill_run.started':
        return event.data.due_at === null ? [] : [{ timer_id, due_at: event.data.due_at, target: stream, payload: {} }];
      case 'skill_run.completed':
      case 'skill_run.failed':
      case 'skill_run.cancelled':
        return [{ timer_id, cancel: true }];
      default:
        return [];
    }
  },
  policies: [tellParent, cancelChild],
  projections: [skillRunProjection],
  queries: skillRunQueries,
});
