import { readFileSync } from 'node:fs';
import { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { HumanTaskEvent } from './human-task.state.ts';

type Typed = HumanTaskEvent & LoggedEvent;

/** Table `human_tasks`: open and ended tasks. */
export const humanTaskProjection: Projection = {
  name: 'human_task',
  version: 1,
  sql: readFileSync(new URL('./human-task.sql', import.meta.url), 'utf8'),
  events: Object.keys(humanTaskContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id: id, version, time } = event;
  return [{ table: 'human_tasks', key: { workspace_id, id }, set: { ...columns(event), version, updated_at: time } }];
}

function columns(event: Typed): Readonly<Record<string, Column>> {
  const { time } = event;
  switch (event.type) {
    case 'human_task.created':
      return { ...event.data, status: 'pending', created_at: time };
    case 'human_task.claimed':
      return { status: 'claimed', claimed_by: event.data.claimed_by };
    case 'human_task.approved':
    case 'human_task.rejected': {
      const { status, response_payload_json, completed_by } = event.data;
      return { status, response_payload_json, completed_by, completed_at: time };
    }
    case 'human_task.cancelled':
      return { status: 'cancelled', reason: event.data.reason, completed_at: time };
    case 'human_task.expired':
      return { status: 'expired', completed_at: time };
  }
}
