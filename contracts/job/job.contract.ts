import { z } from 'zod';
import { defineContract, Id, JsonObject, pageOf, PageParams, Time } from '../kit/index.ts';

/** The stream a timer belongs to, in the timer's own workspace. */
const Target = z.object({ category: z.string().min(1).max(64), stream_id: Id });

const due = {
  target: Target,
  /** What the stream wants to know when it is woken, e.g. the node and its attempt. */
  payload: JsonObject,
  due_at: Time,
};

/** A timer that is not due yet. */
export const TimerView = z
  .object({
    timer_id: Id,
    workspace_id: z.string(),
    due_at: Time,
    target_category: z.string(),
    target_id: Id,
    payload: JsonObject,
  })
  .meta({ id: 'Timer' });

/** One stream per durable timer: its id is the timer's, so that it fires once, whoever tries. */
export const jobContract = defineContract({
  category: 'job',
  events: {
    'job.due': { summary: 'A durable timer is due.', version: 1, data: z.object(due) },
  },
  commands: {
    'job.fire': {
      summary: 'A timer is due: issued by the scheduler.',
      target: 'job_id',
      creates: true,
      internal: true,
      data: z.strictObject({ job_id: Id, ...due }),
      example: {
        job_id: 'timer-1',
        target: { category: 'run', stream_id: 'run-1' },
        payload: { node_id: 'wait', attempt: 1 },
        due_at: '2026-04-26T12:00:00.000Z',
      },
    },
  },
  queries: {
    'job.timers': {
      summary: 'Timers that are not due yet, the next one first.',
      params: z.object({ ...PageParams, target_category: z.string().max(64).optional(), target_id: Id.optional() }),
      result: pageOf(TimerView),
    },
  },
  routes: [{ method: 'GET', path: '/scheduler/timers', query: 'job.timers' }],
});
