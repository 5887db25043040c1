import { readFileSync } from 'node:fs';
import { skillRunContract } from '@agent-platform/contracts/skill-run/skill-run.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { SkillRunEvent } from './skill-run.state.ts';

type Typed = SkillRunEvent & LoggedEvent;

/** Table `skill_runs`: one row per run. */
export const skillRunProjection: Projection = {
  name: 'skill_run',
  version: 1,
  sql: readFileSync(new URL('./skill-run.sql', import.meta.url), 'utf8'),
  events: Object.keys(skillRunContract.events),
  project(event: Typed): readonly RowChange[] {
    const { workspace_id, stream_id, version } = event;
    return [{ table: 'skill_runs', key: { workspace_id, id: stream_id }, set: { ...columnsOf(event), version } }];
  },
};

function columnsOf(event: Typed): Readonly<Record<string, Column>> {
  const { time } = event;
  switch (event.type) {
    case 'skill_run.created': {
      const { held: _, timeout_seconds: _seconds, ...data } = event.data;
      return { ...data, status: 'queued', created_at: time };
    }
    case 'skill_run.released':
      return { worker_key: event.data.worker_key };
    case 'skill_run.started':
      return { status: 'running', started_at: time };
    case 'skill_run.step_waiting':
      return { child_run_id: event.data.child_run_id };
    case 'skill_run.step_started':
    case 'skill_run.step_asked':
    case 'skill_run.step_retry_scheduled':
    case 'skill_run.step_completed':
      return {};
    case 'skill_run.completed':
      return { status: 'completed', output_json: event.data.output_json, output_text: event.data.output_text, ended_at: time };
    case 'skill_run.failed':
      return { status: 'failed', error: event.data.error, ended_at: time };
    case 'skill_run.cancelled':
      return { status: 'cancelled', ended_at: time };
  }
}
