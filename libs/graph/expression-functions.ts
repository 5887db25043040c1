import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { charge, finite, type Frame, mistyped, spend, Stopped } from './expression-values.ts';

/** A function of the language: the first argument is the receiver when it is called as a method. */
export interface ExpressionFunction {
  readonly arity: number;
  /** As `f(x)`, as `x.f()`, or both. */
  readonly as: 'function' | 'method' | 'both';
  call(args: readonly JsonValue[], frame: Frame): JsonValue;
}

const conversionError = (name: string, value: JsonValue): Stopped =>
  typeof value === 'string' ? new Stopped('expression-type', `${name}() can't read the text "${value.slice(0, 40)}".`) : mistyped(`${name}()`, value);

/** Decimal notation only: no hex, no empty text, no "Infinity". */
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function toNumber(name: string, value: JsonValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.length <= 400 && DECIMAL.test(value)) return finite(Number(value), `${name}()`);
  throw conversionError(name, value);
}

function size(value: JsonValue, frame: Frame): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'string') {
    spend(frame, value.length >> 3);
    let points = 0;
    for (const _ of value) points++;
    return points;
  }
  if (typeof value !== 'object' || value === null) throw mistyped('size()', value);
  const { length } = Object.keys(value);
  spend(frame, length);
  return length;
}

const onText = (name: string, call: (text: string) => JsonValue): ExpressionFunction => ({
  arity: 1,
  as: 'method',
  call: ([text = null], frame) => {
    if (typeof text !== 'string') throw mistyped(`${name}()`, text);
    charge(frame, text.length);
    return call(text);
  },
});

const onTexts = (name: string, call: (text: string, other: string) => JsonValue): ExpressionFunction => ({
  arity: 2,
  as: 'method',
  call: ([text = null, other = null], frame) => {
    if (typeof text !== 'string' || typeof other !== 'string') throw mistyped(`${name}()`, text, other);
    charge(frame, text.length + other.length);
    return call(text, other);
  },
});

/** All the functions there are, besides `has`, `matches` and the comprehensions, which need the syntax tree. No prototype. */
export const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = Object.freeze(
  Object.assign(Object.create(null) as object, {
    size: { arity: 1, as: 'both', call: ([value = null], frame) => size(value, frame) },
    int: { arity: 1, as: 'function', call: ([value = null]) => finite(Math.trunc(toNumber('int', value)), 'int()') },
    double: { arity: 1, as: 'function', call: ([value = null]) => toNumber('double', value) },
    string: {
      arity: 1,
      as: 'function',
      call: ([value = null]) => {
        if (value === null || typeof value === 'object') throw mistyped('string()', value);
        return String(value);
      },
    },
    bool: {
      arity: 1,
      as: 'function',
      call: ([value = null]) => {
        if (typeof value === 'boolean') return value;
        if (value === 'true' || value === 'false') return value === 'true';
        throw conversionError('bool', value);
      },
    },
    lowerAscii: onText('lowerAscii', (text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
    upperAscii: onText('upperAscii', (text) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())),
    trim: onText('trim', (text) => text.trim()),
    startsWith: onTexts('startsWith', (text, start) => text.startsWith(start)),
    endsWith: onTexts('endsWith', (text, end) => text.endsWith(end)),
    contains: onTexts('contains', (text, part) => text.includes(part)),
  } satisfies Record<string, ExpressionFunction>),
);
