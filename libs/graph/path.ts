import type { JsonValue } from '@agent-platform/contracts/kit/index';

/** Words that reach an object's prototype. Never a step of a path, never a node id. */
export const PROTOTYPE_WORDS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A step into an array: its index in the usual spelling, without sign or leading zero. */
const INDEX = /^(?:0|[1-9][0-9]{0,8})$/;

/**
 * One step into a JSON value: an own property of an object or an item of an array. Undefined when there is none.
 * Strings have no steps: a path into text is a missing value, not a character.
 */
export function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return INDEX.test(step) ? (value as unknown[])[Number(step)] : undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}

/** The value at the end of already split steps. */
export function valueAt(steps: readonly string[], value: unknown): unknown {
  let at = value;
  for (const step of steps) {
    at = stepInto(at, step);
    if (at === undefined) return undefined;
  }
  return at;
}

/** The value at a dotted path like `output.list.0.title`, own properties only; undefined when a step is missing. */
export const pathValue = (path: string, value: unknown): JsonValue | undefined => valueAt(path.split('.'), value) as JsonValue | undefined;
