import { InvalidArgumentError } from 'commander';
import { Id, type StreamRef, WorkspaceId } from '@agent-platform/contracts/kit/index';

/** Whole number from 1. */
export function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Give a whole number from 1.');
}

/** Number from 0. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Give a number from 0.');
}

/** Address of something that speaks HTTP. */
export function httpUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('Give an address such as http://127.0.0.1:8000.');
}

/** A JSON object. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new InvalidArgumentError('Give a JSON object, e.g. \'{"approved": true}\'.');
}

/** `key=value`, gathered over repeated options. The value is JSON where it can be read as JSON, else text. */
export function keyValue(text: string, before: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give key=value, e.g. ticket="My invoice is wrong".');
  const value = text.slice(at + 1);
  return { ...before, [text.slice(0, at)]: parseJson(value) ?? (value === 'null' ? null : value) };
}

/** `category/id`, or `workspace/category/id` as the `log.stream` of an answer has it. */
export function streamName(text: string): Omit<StreamRef, 'workspace_id'> & { readonly workspace_id?: string } {
  const parts = text.split('/');
  const [stream_id, category, workspace_id] = parts.toReversed();
  const valid =
    parts.length <= 3 &&
    Id.safeParse(stream_id).success &&
    Id.safeParse(category).success &&
    (workspace_id === undefined || WorkspaceId.safeParse(workspace_id).success);
  if (!valid || stream_id === undefined || category === undefined) throw new InvalidArgumentError('Give category/id, e.g. run/0198c2f0-….');
  return { category, stream_id, ...(workspace_id !== undefined && { workspace_id }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
