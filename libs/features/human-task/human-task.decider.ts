import { reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import {
  evolveHumanTask,
  initialHumanTask,
  type HumanTaskCommand,
  type HumanTaskCreated,
  type HumanTaskEvent,
  type HumanTaskState,
} from './human-task.state.ts';

type Of<T extends HumanTaskCommand['type']> = Extract<HumanTaskCommand, { type: T }>;
type Change = Exclude<HumanTaskCommand, { type: 'human_task.create' }>;

function decide(command: HumanTaskCommand, state: HumanTaskState): Decision<HumanTaskEvent> {
  if (command.type === 'human_task.create') return create(command, state);
  if (command.type === 'human_task.withdraw' && state.status === 'none') return [cancelled(command, { run_id: null, node_run_id: null })];
  if (!state.created) return reject('missing', 'task-not-found', `There is no human task "${command.meta.stream_id}" in this workspace.`);
  return change(command, state, state.created);
}

function create({ data, meta }: Of<'human_task.create'>, state: HumanTaskState): Decision<HumanTaskEvent> {
  if (state.status !== 'none') return reject('conflict', 'task-exists', `There is a human task "${meta.stream_id}" already: take another task_id.`);
  const created: HumanTaskCreated = {
    // The contract asks for one of the two.
    task_type: data.task_type ?? data.kind ?? 'approval',
    title: data.title,
    description: data.description ?? null,
    assigned_to: data.assigned_to ?? data.assignee ?? null,
    candidates: data.candidates ?? [],
    request_payload_json: data.request_payload_json ?? data.payload_json ?? {},
    form_json: data.form_json ?? null,
    run_id: data.run_id ?? null,
    node_run_id: data.node_run_id ?? null,
    due_at: data.due_at ?? null,
  };
  return [{ type: 'human_task.created', data: created }];
}

const isOpen = (state: HumanTaskState): boolean => state.status === 'pending' || state.status === 'claimed';

function change(command: Change, state: HumanTaskState, created: HumanTaskCreated): Decision<HumanTaskEvent> {
  const link = { run_id: created.run_id, node_run_id: created.node_run_id };
  switch (command.type) {
    case 'human_task.claim':
      return claim(command, state, created, link);
    case 'human_task.complete':
      return complete(command, state, created, link);
    case 'human_task.cancel':
    case 'human_task.withdraw':
      if (state.status === 'cancelled') return [];
      return isOpen(state) ? [cancelled(command, link)] : ended(state);
    case 'human_task.expire':
      // A timer that comes too late is no mistake of anybody's.
      return isOpen(state) ? [{ type: 'human_task.expired', data: { ...link, due_at: created.due_at } }] : [];
  }
}

type Link = Pick<HumanTaskCreated, 'run_id' | 'node_run_id'>;

const cancelled = ({ data }: Of<'human_task.cancel' | 'human_task.withdraw'>, link: Link): HumanTaskEvent => ({
  type: 'human_task.cancelled',
  data: { ...link, status: 'cancelled', reason: data.reason ?? null },
});

function claim({ data }: Of<'human_task.claim'>, state: HumanTaskState, created: HumanTaskCreated, link: Link): Decision<HumanTaskEvent> {
  if (!isOpen(state)) return ended(state);
  if (state.claimed_by === data.claimed_by) return [];
  const refusal = notFor(data.claimed_by, state, created);
  return refusal ?? [{ type: 'human_task.claimed', data: { ...link, claimed_by: data.claimed_by } }];
}

function complete({ data, meta }: Of<'human_task.complete'>, state: HumanTaskState, created: HumanTaskCreated, link: Link): Decision<HumanTaskEvent> {
  if (!isOpen(state)) return ended(state);
  // Without a name the caller answers, who may be a program acting for the person: then only its permissions count.
  const refusal = data.completed_by === undefined ? null : notFor(data.completed_by, state, created);
  if (refusal) return refusal;
  const answer = { ...link, response_payload_json: data.response_payload_json, completed_by: data.completed_by ?? meta.actor };
  return data.status === 'approved'
    ? [{ type: 'human_task.approved', data: { ...answer, status: 'approved' } }]
    : [{ type: 'human_task.rejected', data: { ...answer, status: 'rejected' } }];
}

/** Why a person may not take or answer the task; null when nothing speaks against it. */
function notFor(person: string, { claimed_by }: HumanTaskState, { assigned_to, candidates }: HumanTaskCreated): Rejection | null {
  if (claimed_by !== null && claimed_by !== person) return reject('conflict', 'task-already-claimed', `The task was claimed by "${claimed_by}".`);
  if (assigned_to !== null && assigned_to !== person) return reject('denied', 'task-assigned-to-another', `The task is assigned to "${assigned_to}".`);
  if (candidates.length > 0 && !candidates.includes(person)) {
    return reject('denied', 'task-not-offered', `The task is offered to ${candidates.map((name) => `"${name}"`).join(', ')} only.`);
  }
  return null;
}

const ended = ({ status }: HumanTaskState): Rejection =>
  status === 'approved' || status === 'rejected'
    ? reject('conflict', 'task-already-completed', `The task is ${status} already; a task is answered once.`)
    : reject('conflict', 'task-ended', `The task is ${status}: nobody waits for it any more.`);

export const humanTaskDecider: Decider<HumanTaskState, HumanTaskCommand, HumanTaskEvent> = {
  initial: initialHumanTask,
  decide,
  evolve: evolveHumanTask,
};
