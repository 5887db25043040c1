import { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { defineFeature, deterministicUuid, type Feature, type Policy, type Timer } from '@agent-platform/kernel/index';
import { humanTaskDecider } from './human-task.decider.ts';
import { humanTaskProjection } from './human-task.projection.ts';
import { humanTaskQueries } from './human-task.queries.ts';
import { humanTaskView, type HumanTaskCommand, type HumanTaskEvent, type HumanTaskState } from './human-task.state.ts';

export type { HumanTaskCommand, HumanTaskEvent, HumanTaskState };

/** The timer of a task is due: nobody answered in time. */
const expiry: Policy = {
  triggers: [{ category: 'job', type: 'job.due' }],
  react(event: EventEnvelope) {
    const target = event.data['target'];
    if (typeof target !== 'object' || target === null || Array.isArray(target) || target['category'] !== 'human_task') return [];
    return [{ type: 'human_task.expire', data: { task_id: target['stream_id'] ?? null } }];
  },
};

/** A task has one timer at most, so its id follows from the task's. */
const timerOf = ({ workspace_id, stream_id }: StreamRef): string => deterministicUuid(`timer/human_task/${workspace_id}/${stream_id}`);

/** Human tasks: a person is asked, one person takes it, one answer ends it. */
export const humanTaskFeature: Feature<HumanTaskState, HumanTaskCommand, HumanTaskEvent> = defineFeature({
  contract: humanTaskContract,
  decider: humanTaskDecider,
  view: humanTaskView,
  timers(event, stream): readonly Timer[] {
    const timer_id = timerOf(stream);
    switch (event.type) {
      case 'human_task.created':
        return event.data.due_at === null ? [] : [{ timer_id, due_at: event.data.due_at, target: stream, payload: {} }];
      case 'human_task.approved':
      case 'human_task.rejected':
      case 'human_task.cancelled':
        return [{ timer_id, cancel: true }];
      case 'human_task.claimed':
      case 'human_task.expired':
        return [];
    }
  },
  policies: [expiry],
  projections: [humanTaskProjection],
  queries: humanTaskQueries,
});
