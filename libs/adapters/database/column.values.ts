import type { JsonValue } from '@agent-platform/contracts/kit/index';

/** Object ids of Postgres' types (pg_type.dat) whose texts become something else than text. */
const READ: Readonly<Record<number, (text: string) => JsonValue>> = {
  16: (text) => text === 't',
  20: (text) => exact(text),
  21: Number,
  23: Number,
  26: Number,
  700: finite,
  701: finite,
  114: (text) => JSON.parse(text) as JsonValue,
  3802: (text) => JSON.parse(text) as JsonValue,
};

/** JSON has no infinity and no NaN: they stay words. */
function finite(text: string): JsonValue {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** Numbers that JavaScript would round stay texts. */
function exact(text: string): JsonValue {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/**
 * Values of columns as JSON: numbers, booleans and JSON as such; everything else as Postgres writes it, so that a time
 * keeps its microseconds and a decimal its digits.
 */
export const columnTypes = {
  getTypeParser:
    (oid: number) =>
    (text: string): JsonValue =>
      READ[oid]?.(text) ?? text,
};
