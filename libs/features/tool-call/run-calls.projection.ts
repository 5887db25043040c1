import type { EventOf } from '@agent-platform/contracts/kit/index';
import type { runContract } from '@agent-platform/contracts/run/run.contract';
import type { LoggedEvent, RowChange } from '@agent-platform/kernel/index';
import { begun, builtinOf, cancelled, type Columns, failed, inputOf, usedBy } from './call.columns.ts';

export const RUN_EVENTS = [
  'node.queued',
  'node.started',
  'node.waiting',
  'node.completed',
  'node.failed',
  'node.retry_scheduled',
  'node.outcome_unknown',
  'node.resolved',
  'node.skipped',
  'run.failed',
  'run.cancelled',
] as const;
export type CallingRunEvent = Extract<EventOf<typeof runContract>, { type: (typeof RUN_EVENTS)[number] }> & LoggedEvent;
type RunEnd = Extract<CallingRunEvent, { type: 'run.failed' | 'run.cancelled' }>;

const isCall = (nodeType: string): boolean => nodeType === 'tool' || nodeType === 'mcp';

const rowOf = ({ workspace_id, stream_id }: LoggedEvent, at: { readonly node_id: string; readonly attempt: number }, set: Columns): RowChange => ({
  table: 'tool_calls',
  key: { workspace_id, id: `${stream_id}:${at.node_id}:${at.attempt}` },
  set,
});

/** Calls that nodes of a run make: one row per attempt. */
export const ofRun = (event: CallingRunEvent): readonly RowChange[] =>
  event.type === 'run.failed' || event.type === 'run.cancelled' ? ofEnd(event) : ofNode(event);

function ofEnd(event: RunEnd): readonly RowChange[] {
  const why = event.type === 'run.failed' ? 'The run failed.' : (event.data.reason ?? 'Somebody cancelled the run.');
  const calls = (event.data.open_nodes ?? []).filter(({ node_type }) => isCall(node_type));
  return calls.map((node) => rowOf(event, node, cancelled(why, event.time)));
}

function ofNode(event: Exclude<CallingRunEvent, RunEnd>): readonly RowChange[] {
  const { stream_id: run_id, time } = event;
  const { node_id, node_type } = event.data;
  if (!isCall(node_type)) return [];
  const row = (attempt: number, set: Columns): RowChange[] => [rowOf(event, { node_id, attempt }, set)];
  const selected = { source: 'run', run_id, node_id, status: 'selected', created_at: time };
  switch (event.type) {
    case 'node.queued':
      return row(event.data.attempt ?? 1, selected);
    case 'node.started': {
      const { attempt, request = null } = event.data;
      return row(attempt, { ...usedBy(request), ...inputOf(request), ...builtinOf(request), request, ...begun(request, time) });
    }
    case 'node.waiting': {
      // For the person who has to approve the call: nothing else is waited for.
      const { attempt, wait } = event.data;
      return row(attempt, { task_id: wait.detail['task_id'] ?? null });
    }
    case 'node.completed': {
      const { attempt, output_json, output_text } = event.data;
      return row(attempt, { status: 'completed', ...builtinOf(output_json), output_json, output_text, ended_at: time });
    }
    case 'node.failed': {
      const { attempt, error } = event.data;
      return row(attempt, failed(error, time));
    }
    case 'node.retry_scheduled': {
      // Names the coming attempt.
      const { attempt, error } = event.data;
      return [...row(attempt - 1, failed(error, time)), ...row(attempt, selected)];
    }
    case 'node.outcome_unknown':
      return row(event.data.attempt, { status: 'unknown' });
    case 'node.resolved': {
      // As completed or failed: the event that follows says it.
      const { attempt, resolution, reason } = event.data;
      const message = reason ?? 'Nobody knows what came of it; a person had it done again.';
      return resolution === 'retry' ? row(attempt, failed({ code: 'outcome-unknown', message }, time)) : [];
    }
    case 'node.skipped':
      return row(0, { ...selected, status: 'skipped', ended_at: time });
  }
}
