import type { Colors } from './colors.ts';

// Texts come from workflows, models and people: none of them may move the cursor or change the terminal.
// oxlint-disable-next-line no-control-regex -- control characters are what is being replaced
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text that a terminal can be given. */
export const safeText = (text: string): string => text.replaceAll(CONTROL, '�');

/** At most `length` characters, on one line. */
export function shorten(text: string, length: number): string {
  const line = safeText(text).replaceAll(/\s+/g, ' ').trim();
  return [...line].length > length ? `${[...line].slice(0, length - 1).join('')}…` : line;
}

/** A value in a table. */
export function cell(value: unknown, length = 60): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return ISO.test(value) ? timeText(value) : shorten(value, length);
  return shorten(errorText(value) ?? JSON.stringify(value), length);
}

/** What the platform says of a failure, in words; undefined for what is no failure. */
function errorText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value && 'message' in value)) return undefined;
  const { code, message } = value;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return `${code}: ${message}${'node_id' in value ? ` (node ${String(value.node_id)})` : ''}`;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** `2026-01-02 03:04:05Z`: UTC, as the log has it. */
const timeText = (iso: string): string => {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 19).replace('T', ' ')}Z`;
};

const GOOD = new Set(['completed', 'approved', 'published', 'ok', 'up', 'live']);
const BAD = new Set(['failed', 'rejected', 'unknown', 'down', 'fail', 'expired']);
const OPEN = new Set(['running', 'waiting', 'retrying', 'pending', 'claimed', 'warn', 'building']);

/** Colours words that are states. */
export function colored(field: string, text: string, colors: Colors): string {
  if (field !== 'status' && field !== 'state') return text;
  if (GOOD.has(text)) return colors.green(text);
  if (BAD.has(text)) return colors.red(text);
  return OPEN.has(text) ? colors.yellow(text) : text;
}

/** `340ms`, `2.1s`, `3m 20s`, `2h 5m`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes}m ${Math.floor((ms % 60_000) / 1000)}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
