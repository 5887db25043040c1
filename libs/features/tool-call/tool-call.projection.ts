import { readFileSync } from 'node:fs';
import { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import type { LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import { begun, cancelled, type Columns } from './call.columns.ts';
import { ofRun, RUN_EVENTS, type CallingRunEvent } from './run-calls.projection.ts';
import { ofSkillRun, SKILL_RUN_EVENTS, type CallingSkillRunEvent } from './skill-calls.projection.ts';
import type { ToolCallEvent } from './tool-call.state.ts';

type CallEvent = ToolCallEvent & LoggedEvent;

/** Table `tool_calls`: every call of a tool, one row per attempt, whether a run made it, a skill or a test. */
export const toolCallProjection: Projection = {
  name: 'tool_call',
  version: 7,
  sql: readFileSync(new URL('./tool-call.sql', import.meta.url), 'utf8'),
  events: [...Object.keys(toolCallContract.events), ...RUN_EVENTS, ...SKILL_RUN_EVENTS],
  // The log holds what the contracts promised.
  project(event: CallingRunEvent | CallingSkillRunEvent | CallEvent) {
    if (event.category === 'run') return ofRun(event as CallingRunEvent);
    return event.category === 'skill_run' ? ofSkillRun(event as CallingSkillRunEvent) : ofCall(event as CallEvent);
  },
};

function ofCall(event: CallEvent): readonly RowChange[] {
  const { workspace_id, stream_id: id, time } = event;
  const row = (set: Columns): RowChange[] => [{ table: 'tool_calls', key: { workspace_id, id }, set }];
  switch (event.type) {
    case 'tool_call.created': {
      const { tool_id, tool_binding_id, builtin = null, purpose, input } = event.data;
      return row({ source: purpose, status: 'selected', tool_id, tool_binding_id, builtin, input, created_at: time });
    }
    case 'tool_call.started': {
      const { tool_id, tool_version_id, request } = event.data;
      return row({ tool_id, tool_version_id, request, ...begun(request, time) });
    }
    case 'tool_call.asked':
      return row({ task_id: event.data.task_id });
    case 'tool_call.skipped':
      return row({ status: 'skipped', ...event.data, ended_at: time });
    case 'tool_call.completed':
      return row({ status: 'completed', ...event.data, ended_at: time });
    case 'tool_call.cancelled':
      return row(cancelled(event.data.reason ?? 'Somebody cancelled the call.', time));
    case 'tool_call.failed':
      return row({ status: 'failed', ...event.data, ended_at: time });
  }
}
