import { z } from 'zod';
import { defineContract, GetParams, Id, JsonObject, Name, pageOf, PageParams, Time } from '../kit/index.ts';

export const HumanTaskType = z.enum(['approval', 'input', 'takeover', 'pause', 'resume']);
export const HumanTaskStatus = z.enum(['pending', 'claimed', 'approved', 'rejected', 'cancelled', 'expired']);

/** A user's name or id. */
const Person = z.string().trim().min(1).max(200);
const Description = z.string().max(5000);
/** `<run>:<node>:<attempt>` where a run made the task; opaque where somebody else did. */
const NodeRunId = z.string().min(1).max(200);

/** What the task belongs to: in every event, so that the waiting run can be woken by the event alone. */
const link = { run_id: Id.nullable(), node_run_id: NodeRunId.nullable() };
const answer = { response_payload_json: JsonObject, completed_by: Person };

const events = {
  'human_task.created': {
    summary: 'A person is asked for something.',
    version: 1,
    data: z.object({
      ...link,
      task_type: HumanTaskType,
      title: Name,
      description: Description.nullable(),
      assigned_to: Person.nullable(),
      candidates: z.array(Person),
      request_payload_json: JsonObject,
      /** JSON Schema of the answer, for the page that shows the task. */
      form_json: JsonObject.nullable(),
      due_at: Time.nullable(),
    }),
  },
  'human_task.claimed': { summary: 'Somebody took the task.', version: 1, data: z.object({ ...link, claimed_by: Person }) },
  'human_task.approved': {
    summary: 'The person said yes, or gave what was asked for.',
    version: 1,
    data: z.object({ ...link, status: z.literal('approved'), ...answer }),
  },
  'human_task.rejected': {
    summary: 'The person said no.',
    version: 1,
    data: z.object({ ...link, status: z.literal('rejected'), ...answer }),
  },
  'human_task.cancelled': {
    summary: 'Nobody needs the answer any more.',
    version: 1,
    data: z.object({ ...link, status: z.literal('cancelled'), reason: z.string().nullable() }),
  },
  'human_task.expired': { summary: 'The time to answer is over.', version: 1, data: z.object({ ...link, due_at: Time.nullable() }) },
} as const;

export const HumanTaskView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    task_type: HumanTaskType,
    title: Name,
    description: Description.nullable(),
    status: HumanTaskStatus,
    run_id: Id.nullable(),
    node_run_id: NodeRunId.nullable(),
    assigned_to: Person.nullable(),
    candidates: z.array(Person),
    claimed_by: Person.nullable(),
    request_payload_json: JsonObject,
    form_json: JsonObject.nullable(),
    response_payload_json: JsonObject.nullable(),
    completed_by: Person.nullable(),
    reason: z.string().nullable(),
    due_at: Time.nullable(),
    completed_at: Time.nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'HumanTask' });

const task = { task_id: Id };

export const humanTaskContract = defineContract({
  category: 'human_task',
  events,
  commands: {
    'human_task.create': {
      summary: 'Ask a person for an approval, an input, a takeover, a pause or a resume.',
      target: 'task_id',
      creates: true,
      data: z
        .strictObject({
          task_id: Id.optional(),
          task_type: HumanTaskType.optional(),
          title: Name,
          description: Description.optional(),
          assigned_to: Person.optional(),
          candidates: z.array(Person).max(100).optional().meta({ description: 'People who may take it; empty: anybody' }),
          request_payload_json: JsonObject.optional(),
          form_json: JsonObject.optional(),
          run_id: Id.optional(),
          node_run_id: NodeRunId.optional(),
          due_at: Time.optional(),
          kind: HumanTaskType.optional().meta({ description: 'The same as task_type' }),
          assignee: Person.optional().meta({ description: 'The same as assigned_to' }),
          payload_json: JsonObject.optional().meta({ description: 'The same as request_payload_json' }),
        })
        .refine((data) => (data.task_type ?? data.kind) !== undefined, { path: ['task_type'], message: 'is required' }),
      example: {
        task_id: 'refund-1',
        task_type: 'approval',
        title: 'Approve refund',
        run_id: 'run-id',
        node_run_id: 'node-run-id',
        assigned_to: 'ops-1',
        request_payload_json: { amount: 99 },
      },
    },
    'human_task.claim': {
      summary: 'Take a task, so that nobody else does.',
      target: 'task_id',
      data: z.strictObject({ ...task, claimed_by: Person }),
      example: { task_id: 'refund-1', claimed_by: 'ops-1' },
    },
    'human_task.complete': {
      summary: 'Answer a task; the run that waits for it goes on.',
      target: 'task_id',
      data: z.strictObject({
        ...task,
        status: z.enum(['approved', 'rejected']),
        response_payload_json: JsonObject.default({}),
        completed_by: Person.optional().meta({ description: 'Who answers; without it the caller' }),
      }),
      example: { task_id: 'refund-1', status: 'approved', response_payload_json: { approved: true } },
    },
    'human_task.cancel': {
      summary: 'Withdraw a task that nobody has answered yet.',
      target: 'task_id',
      data: z.strictObject({ ...task, reason: z.string().max(1000).optional() }),
      example: { task_id: 'refund-1', reason: 'run cancelled' },
    },
    'human_task.expire': {
      summary: 'The time to answer is over: issued when the timer of a task is due.',
      target: 'task_id',
      internal: true,
      data: z.strictObject(task),
      example: { task_id: 'refund-1' },
    },
    'human_task.withdraw': {
      summary: 'Cancel a task that nobody needs any more; one that is still to be created will not be.',
      target: 'task_id',
      internal: true,
      data: z.strictObject({ ...task, reason: z.string().max(1000) }),
      example: { task_id: 'refund-1', reason: 'run cancelled' },
    },
  },
  queries: {
    'human_task.get': { summary: 'One task.', params: z.object({ ...task, ...GetParams }), result: HumanTaskView },
    'human_task.list': {
      summary: 'Tasks, newest first.',
      params: z.object({
        ...PageParams,
        status: HumanTaskStatus.optional(),
        task_type: HumanTaskType.optional(),
        kind: HumanTaskType.optional().meta({ description: 'The same as task_type' }),
        assigned_to: Person.optional(),
        assignee: Person.optional().meta({ description: 'The same as assigned_to' }),
        claimed_by: Person.optional(),
        run_id: Id.optional(),
      }),
      result: pageOf(HumanTaskView),
    },
  },
  routes: [
    { method: 'POST', path: '/human/tasks', command: 'human_task.create', status: 201 },
    { method: 'GET', path: '/human/tasks', query: 'human_task.list' },
    { method: 'GET', path: '/human/tasks/{task_id}', query: 'human_task.get' },
    { method: 'POST', path: '/human/tasks/{task_id}/claim', command: 'human_task.claim' },
    { method: 'POST', path: '/human/tasks/{task_id}/complete', command: 'human_task.complete' },
    { method: 'POST', path: '/human/tasks/{task_id}/cancel', command: 'human_task.cancel' },
  ],
});
