import type { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';

export type HumanTaskCommand = CommandOf<typeof humanTaskContract>;
export type HumanTaskEvent = EventOf<typeof humanTaskContract>;
export type HumanTaskCreated = Extract<HumanTaskEvent, { type: 'human_task.created' }>['data'];

export interface HumanTaskState {
  readonly status: 'none' | 'pending' | 'claimed' | 'approved' | 'rejected' | 'cancelled' | 'expired';
  readonly created: HumanTaskCreated | null;
  readonly claimed_by: string | null;
  readonly answer: { readonly response_payload_json: JsonObject; readonly completed_by: string } | null;
  readonly reason: string | null;
}

export const initialHumanTask: HumanTaskState = { status: 'none', created: null, claimed_by: null, answer: null, reason: null };

export function evolveHumanTask(state: HumanTaskState, event: HumanTaskEvent): HumanTaskState {
  switch (event.type) {
    case 'human_task.created':
      return { ...state, status: 'pending', created: event.data };
    case 'human_task.claimed':
      return { ...state, status: 'claimed', claimed_by: event.data.claimed_by };
    case 'human_task.approved':
    case 'human_task.rejected': {
      const { status, response_payload_json, completed_by } = event.data;
      return { ...state, status, answer: { response_payload_json, completed_by } };
    }
    case 'human_task.cancelled':
      return { ...state, status: 'cancelled', reason: event.data.reason };
    case 'human_task.expired':
      return { ...state, status: 'expired' };
  }
}

/** The task as commands answer it. */
export function humanTaskView(state: HumanTaskState, id: string): JsonObject | null {
  const { status, created, claimed_by, answer, reason } = state;
  if (!created) return null;
  const { response_payload_json = null, completed_by = null } = answer ?? {};
  return { id, status, ...created, claimed_by, response_payload_json, completed_by, reason };
}
