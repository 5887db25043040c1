import { readFileSync } from 'node:fs';
import type { EventOf, JsonValue } from '@agent-platform/contracts/kit/index';
import type { runContract } from '@agent-platform/contracts/run/run.contract';
import { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { ToolCallEvent } from './tool-call.state.ts';

const NODE_EVENTS = ['node.started', 'node.waiting', 'node.completed', 'node.failed', 'node.retry_scheduled', 'node.outcome_unknown', 'node.skipped'] as const;
type NodeEvent = Extract<EventOf<typeof runContract>, { type: (typeof NODE_EVENTS)[number] }> & LoggedEvent;
type CallEvent = ToolCallEvent & LoggedEvent;
type Columns = Readonly<Record<string, Column>>;

/** Table `tool_calls`: every call of a tool, one row per attempt, whether a run made it or a test. */
export const toolCallProjection: Projection = {
  name: 'tool_call',
  version: 3,
  sql: readFileSync(new URL('./tool-call.sql', import.meta.url), 'utf8'),
  events: [...Object.keys(toolCallContract.events), ...NODE_EVENTS],
  // The log holds what the contracts promised; types are told apart by `type`.
  project: (event) => (event.category === 'run' ? ofRun(event as NodeEvent) : ofCall(event as CallEvent)),
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
      return row({ status: 'running', tool_id, tool_version_id, request, started_at: time });
    }
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
  const made = { source: 'run', run_id, node_id, created_at: time };
  switch (event.type) {
    case 'node.started': {
      const { attempt, request = null } = event.data;
      return row(attempt, { ...made, status: 'running', ...usedBy(request), ...inputOf(request), ...builtinOf(request), request, started_at: time });
    }
    case 'node.waiting':
      return row(event.data.attempt, { status: 'waiting' });
    case 'node.completed': {
      const { attempt, output_json, output_text } = event.data;
      return row(attempt, { status: 'completed', ...builtinOf(output_json), output_json, output_text, ended_at: time });
    }
    case 'node.failed': {
      const { attempt, error } = event.data;
      return row(attempt, { status: 'failed', error: { code: error.code, message: error.message }, ended_at: time });
    }
    case 'node.retry_scheduled': {
      // Names the coming attempt.
      const { attempt, error } = event.data;
      return row(attempt - 1, { status: 'failed', error: { code: error.code, message: error.message }, ended_at: time });
    }
    case 'node.outcome_unknown':
      return row(event.data.attempt, { status: 'unknown' });
    case 'node.skipped':
      return row(0, { ...made, status: 'skipped', ended_at: time });
  }
}

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
