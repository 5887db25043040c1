import { readFileSync } from 'node:fs';
import type { EventOf, JsonValue } from '@agent-platform/contracts/kit/index';
import type { runContract } from '@agent-platform/contracts/run/run.contract';
import { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import { isUnapproved, NOT_APPROVED } from '@agent-platform/nodes/tool.approval';
import type { ToolCallEvent } from './tool-call.state.ts';

const NODE_EVENTS = [
  'node.queued',
  'node.started',
  'node.waiting',
  'node.completed',
  'node.failed',
  'node.retry_scheduled',
  'node.outcome_unknown',
  'node.skipped',
] as const;
type NodeEvent = Extract<EventOf<typeof runContract>, { type: (typeof NODE_EVENTS)[number] }> & LoggedEvent;
type CallEvent = ToolCallEvent & LoggedEvent;
type Columns = Readonly<Record<string, Column>>;

/** Table `tool_calls`: every call of a tool, one row per attempt, whether a run made it or a test. */
export const toolCallProjection: Projection = {
  name: 'tool_call',
  version: 4,
  sql: readFileSync(new URL('./tool-call.sql', import.meta.url), 'utf8'),
  events: [...Object.keys(toolCallContract.events), ...NODE_EVENTS],
  // The log holds what the contracts promised; types are told apart by `type`.
  project: (event: NodeEvent | CallEvent) => (event.category === 'run' ? ofRun(event as NodeEvent) : ofCall(event as CallEvent)),
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
      return row({ status: 'cancelled', error: { code: 'tool-call-cancelled', message: event.data.reason ?? 'Somebody cancelled the call.' }, ended_at: time });
    case 'tool_call.failed':
      return row({ status: 'failed', ...event.data, ended_at: time });
  }
}

function ofRun(event: NodeEvent): readonly RowChange[] {
  const { workspace_id, stream_id: run_id, time } = event;
  const { node_id, node_type } = event.data;
  if (node_type !== 'tool' && node_type !== 'mcp') return [];
  const row = (attempt: number, set: Columns): RowChange[] => [{ table: 'tool_calls', key: { workspace_id, id: `${run_id}:${node_id}:${attempt}` }, set }];
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
    case 'node.skipped':
      return row(0, { ...selected, status: 'skipped', ended_at: time });
  }
}

/** A request that waits for a person's approval is not begun. */
const begun = (request: JsonValue, time: string): Columns => (isUnapproved(request) ? {} : { status: 'running', started_at: time });

/** A call that nobody approved was not made, though the node that wanted it failed. */
const failed = ({ code, message }: { readonly code: string; readonly message: string }, time: string): Columns => ({
  status: code === NOT_APPROVED ? 'skipped' : 'failed',
  error: { code, message },
  ended_at: time,
});

/** What the node `tool` says in its request about whom it calls; nothing for a URL without a tool. */
function usedBy(request: JsonValue): Columns {
  const metadata = part(request, 'metadata');
  const id = (name: string): string | null => {
    const found = part(part(metadata, name), 'id');
    return typeof found === 'string' ? found : null;
  };
  return { tool_id: id('tool'), tool_version_id: id('version'), tool_binding_id: id('binding') };
}

/** What the tool of an MCP server is given. */
function inputOf(request: JsonValue): Columns {
  const input = part(request, 'arguments');
  return typeof input === 'object' && input !== null ? { input } : {};
}

/** A built-in tool and its input, in what the node asks or answers: one that needs nothing outside has no request. */
function builtinOf(value: JsonValue): Columns {
  const builtin = part(value, 'builtin');
  const input = part(value, 'input');
  return typeof builtin === 'string' && typeof input === 'object' ? { builtin, input } : {};
}

const part = (value: JsonValue, name: string): JsonValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null;
