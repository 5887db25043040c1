import type { EventOf } from '@agent-platform/contracts/kit/index';
import type { skillRunContract } from '@agent-platform/contracts/skill-run/skill-run.contract';
import type { LoggedEvent, RowChange } from '@agent-platform/kernel/index';
import { isApproved } from '@agent-platform/nodes/tool.approval';
import { begun, builtinOf, cancelled, type Columns, failed, usedBy } from './call.columns.ts';

export const SKILL_RUN_EVENTS = [
  'skill_run.step_started',
  'skill_run.step_asked',
  'skill_run.step_retry_scheduled',
  'skill_run.step_completed',
  'skill_run.failed',
  'skill_run.cancelled',
] as const;
export type CallingSkillRunEvent = Extract<EventOf<typeof skillRunContract>, { type: (typeof SKILL_RUN_EVENTS)[number] }> & LoggedEvent;
type Started = Extract<CallingSkillRunEvent, { type: 'skill_run.step_started' }>;

/**
 * Calls that steps of skills make: one row per attempt. Only the begin of a step says what it does, and only that makes a row:
 * what happens to steps that call no tool changes none.
 */
export function ofSkillRun(event: CallingSkillRunEvent): readonly RowChange[] {
  const { workspace_id, stream_id, time } = event;
  const row = ({ step_id, attempt = 1 }: { readonly step_id: string; readonly attempt?: number | undefined }, set: Columns): RowChange[] => [
    { table: 'tool_calls', key: { workspace_id, id: `${stream_id}:${step_id}:${attempt}` }, set },
  ];
  switch (event.type) {
    case 'skill_run.step_started':
      return event.data.kind === 'tool' ? row(event.data, begin(event)) : [];
    case 'skill_run.step_asked':
      return row(event.data, { task_id: event.data.task_id });
    case 'skill_run.step_completed': {
      const { output_json, output_text } = event.data;
      return row(event.data, { status: 'completed', ...builtinOf(output_json), output_json, output_text, ended_at: time });
    }
    case 'skill_run.step_retry_scheduled': {
      // Names the coming attempt.
      const { step_id, attempt, error } = event.data;
      return row({ step_id, attempt: attempt - 1 }, failed(error, time));
    }
    case 'skill_run.failed':
      return event.data.step ? row(event.data.step, failed(event.data.error, time)) : [];
    case 'skill_run.cancelled':
      return event.data.step ? row(event.data.step, cancelled(event.data.reason ?? 'Somebody cancelled the run of the skill.', time)) : [];
  }
}

/** A step that is begun again, after a crash or with a person's approval, was selected before. */
function begin({ stream_id: skill_run_id, time, data: { step_id, request, recovered } }: Started): Columns {
  const again = recovered !== undefined || isApproved(request);
  const selected = { source: 'skill', skill_run_id, step_id, status: 'selected', created_at: time };
  return { ...(!again && selected), ...usedBy(request), ...builtinOf(request), request, ...begun(request, time) };
}
