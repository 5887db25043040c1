import { runContract } from '@agent-platform/contracts/run/run.contract';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { defineFeature, type Feature, type Timer } from '@agent-platform/kernel/index';
import { runDecider, type RunCommand } from './run.decider.ts';
import { createRunPrepare } from './run.prepare.ts';
import { runProjection } from './run.projection.ts';
import { runQueries } from './run.queries.ts';
import type { RunEvent, RunState } from './run.state.ts';
import { runView } from './run.view.ts';

export { createRunExecutor, type ToolLookup } from './run.executor.ts';
export type { RunCommand, RunEvent, RunState };

/** Events of which something may be left that nobody waits for any more. */
const LEAVING = ['run.failed', 'run.cancelled', 'node.retry_scheduled', 'node.resolved'].map((type) => ({ category: 'run', type }));

export const runFeature: Feature<RunState, RunCommand, RunEvent> = defineFeature({
  contract: runContract,
  decider: runDecider,
  stateVersion: 1,
  view: runView,
  prepare: { 'run.create': createRunPrepare() },
  timers(event, stream): readonly Timer[] {
    if (event.type !== 'node.retry_scheduled' && event.type !== 'node.waiting') return [];
    const { due_at, timer_id, node_id, attempt } = event.data;
    return due_at === undefined || timer_id === undefined ? [] : [{ timer_id, due_at, target: stream, payload: { node_id, attempt } }];
  },
  policies: [{ triggers: LEAVING, react: withdrawOpenWork }],
  projections: [runProjection],
  queries: runQueries,
});

/** When a run, or an attempt, ends before its people have answered and its skills are done, both are cancelled, also those still to come. */
function withdrawOpenWork({ type, data }: EventEnvelope) {
  const reason = type.replace(/[._]/g, ' ');
  // The log holds what the contract promised.
  const { open_tasks = [], open_skill_runs = [] } = data as { readonly open_tasks?: string[]; readonly open_skill_runs?: string[] };
  return [
    ...open_tasks.map((task_id) => ({ type: 'human_task.withdraw', data: { task_id, reason } })),
    ...open_skill_runs.map((skill_run_id) => ({ type: 'skill_run.withdraw', data: { skill_run_id, reason } })),
  ];
}
