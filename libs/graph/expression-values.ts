import type { JsonValue } from '@agent-platform/contracts/kit/index';

export type EvaluationCode = 'expression-type' | 'expression-number' | 'expression-limit';

/** Ends an evaluation; never leaves the library. */
export class Stopped extends Error {
  readonly code: EvaluationCode;
  constructor(code: EvaluationCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Steps that one evaluation may take: a few milliseconds of work whatever the expression and the data. */
export const STEPS = 200_000;
const MAX_TEXT = 1_000_000;

/** What one evaluation works with. `item` is the variable of the comprehension it is in; there is no second level. */
export interface Frame {
  readonly scope: object;
  item: JsonValue;
  steps: number;
}

/** Counts work; characters count less than values, because engines move them in blocks. */
export function spend(frame: Frame, steps: number): void {
  frame.steps -= steps;
  if (frame.steps < 0) throw new Stopped('expression-limit', `The expression takes more than ${STEPS} steps on this data; look at fewer items.`);
}

export const charge = (frame: Frame, characters: number): void => spend(frame, characters >> 5);

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : typeof value;
}

export const mistyped = (operation: string, ...values: readonly JsonValue[]): Stopped =>
  new Stopped(
    'expression-type',
    `${operation} does not work on ${values.map(kindOf).join(' and ')}.${values.includes(null) ? ' A missing path is null: test it first, like state.x != null and state.x > 1.' : ''}`,
  );

/** Null counts as false, so that an absent flag needs no test. */
export function truth(value: JsonValue, operation: string): boolean {
  if (value === null) return false;
  if (typeof value !== 'boolean') throw mistyped(operation, value);
  return value;
}

/** Numbers are JSON numbers: what leaves their range is an error, and minus zero is zero. */
export function finite(value: number, operation: string): number {
  if (!Number.isFinite(value)) throw new Stopped('expression-number', `${operation} gives no finite number.`);
  return value === 0 ? 0 : value;
}

export function equal(a: JsonValue, b: JsonValue, frame: Frame): boolean {
  spend(frame, 1);
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length !== b.length) return false;
    charge(frame, a.length);
    return a === b;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null, frame));
  }
  const keys = Object.keys(a);
  spend(frame, keys.length);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null, frame));
}

export function ordered(operation: string, a: JsonValue, b: JsonValue, test: (sign: number) => boolean): boolean {
  if (typeof a === typeof b && typeof a !== 'object') {
    // Same kind on both sides; of booleans, false is the smaller one.
    const [left, right] = [a, b] as [string, string];
    return test(left < right ? -1 : left > right ? 1 : 0);
  }
  throw mistyped(`"${operation}"`, a, b);
}

export function plus(a: JsonValue, b: JsonValue, frame: Frame): JsonValue {
  if (typeof a === 'number' && typeof b === 'number') return finite(a + b, '"+"');
  if (typeof a === 'string' && typeof b === 'string') {
    charge(frame, a.length + b.length);
    if (a.length + b.length > MAX_TEXT) throw new Stopped('expression-limit', `"+" gives more than ${MAX_TEXT} characters.`);
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    spend(frame, a.length + b.length);
    return [...a, ...b];
  }
  throw mistyped('"+"', a, b);
}

export function contains(item: JsonValue, container: JsonValue, frame: Frame): boolean {
  if (Array.isArray(container)) return container.some((each) => equal(item, each, frame));
  if (typeof container === 'object' && container !== null && typeof item === 'string') return Object.hasOwn(container, item);
  throw mistyped('"in"', item, container);
}
