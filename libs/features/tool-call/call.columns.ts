import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { Column } from '@agent-platform/kernel/index';
import { isUnapproved, NOT_APPROVED } from '@agent-platform/nodes/tool.approval';

export type Columns = Readonly<Record<string, Column>>;

/** A request that waits for a person's approval is not begun. */
export const begun = (request: JsonValue, time: string): Columns => (isUnapproved(request) ? {} : { status: 'running', started_at: time });

/** A call that nobody approved was not made, though the node that wanted it failed. */
export const failed = ({ code, message }: { readonly code: string; readonly message: string }, time: string): Columns => ({
  status: code === NOT_APPROVED ? 'skipped' : 'failed',
  error: { code, message },
  ended_at: time,
});

/** A call that was given up: one under way may have been done. */
export const cancelled = (why: string, time: string): Columns => ({
  status: 'cancelled',
  error: { code: 'tool-call-cancelled', message: why },
  ended_at: time,
});

/** What the node `tool` says in its request about whom it calls; nothing for a URL without a tool. */
export function usedBy(request: JsonValue): Columns {
  const metadata = part(request, 'metadata');
  const id = (name: string): string | null => {
    const found = part(part(metadata, name), 'id');
    return typeof found === 'string' ? found : null;
  };
  return { tool_id: id('tool'), tool_version_id: id('version'), tool_binding_id: id('binding') };
}

/** What the tool of an MCP server is given. */
export function inputOf(request: JsonValue): Columns {
  const input = part(request, 'arguments');
  return typeof input === 'object' && input !== null ? { input } : {};
}

/** A built-in tool and its input, in what the node asks or answers: one that needs nothing outside has no request. */
export function builtinOf(value: JsonValue): Columns {
  const builtin = part(value, 'builtin');
  const input = part(value, 'input');
  return typeof builtin === 'string' && typeof input === 'object' ? { builtin, input } : {};
}

const part = (value: JsonValue, name: string): JsonValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null;
