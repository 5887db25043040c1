import { reject, type Rejection } from './decider.ts';

export interface JsonLimits {
  readonly bytes: number;
  /** Levels of arrays and objects; `{}` has one. */
  readonly depth: number;
}

/** What was read, or why it was refused. A value of its own, because JSON itself may look like a rejection. */
export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly rejection: Rejection };

/**
 * Reads JSON that came from outside. Refused: more bytes or levels than allowed (seen before anything is built), bytes
 * that are not UTF-8, a key twice in one object (readers differ on which one counts), the key `__proto__`, whole numbers
 * beyond 2^53 - 1 and numbers beyond double precision (they would silently change: send them as strings), and text with
 * NUL or half a surrogate pair (Postgres can't store it). Text that models and tools produce goes through
 * `storableText` instead, which replaces these.
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits): ParsedJson {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (bytes > limits.bytes) {
    return refuse(
      'json-too-large',
      '',
      `is ${bytes} bytes; at most ${limits.bytes} are allowed`,
      'send less, or store the content elsewhere and send a reference',
    );
  }
  let text: string;
  try {
    text = typeof input === 'string' ? input : UTF8.decode(input);
  } catch {
    return refuse('json-malformed', '', 'is not UTF-8', 'encode the text as UTF-8');
  }
  const problem = scan(text, limits.depth);
  if (problem) return problem;
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return refuse('json-malformed', '', `can't be read: ${error instanceof Error ? error.message : String(error)}`, 'send one JSON value');
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const refuse = (code: string, field: string, rule: string, remedy: string): ParsedJson => ({
  ok: false,
  rejection: reject('invalid', code, `The JSON ${field ? `at ${field} ` : ''}${rule}; ${remedy}.`, [{ field, rule, remedy }]),
});

/** A container that is open at the place of the scan. */
interface Open {
  readonly keys: Set<string> | null;
  key: string;
  index: number;
}

const pointer = (stack: readonly Open[]) => stack.map(({ keys, key, index }) => `/${keys ? key.replaceAll('~', '~0').replaceAll('/', '~1') : index}`).join('');

/** One pass over the text that builds nothing. Syntax is left to JSON.parse: what is wrong there, may pass here. */
function scan(text: string, depth: number): ParsedJson | null {
  const stack: Open[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const top = stack.at(-1);
    if (code === QUOTE) {
      const end = endOfString(text, i);
      const raw = text.slice(i + 1, end);
      const value = raw.includes('\\') ? unescape(raw) : raw;
      i = end;
      if (expectKey && top?.keys) {
        top.key = value;
        if (top.keys.has(value)) return refuse('json-duplicate-key', pointer(stack), 'is there twice', 'send every key once');
        if (value === '__proto__') return refuse('json-forbidden-key', pointer(stack), 'has a key that is not allowed', 'name it otherwise');
        top.keys.add(value);
        expectKey = false;
      }
      if (value.includes('\u0000')) return refuse('json-text', pointer(stack), 'contains the character NUL', 'remove it');
      if (!value.isWellFormed()) return refuse('json-text', pointer(stack), 'contains half a surrogate pair', 'send whole characters');
    } else if (code === 0x7b || code === 0x5b) {
      if (stack.length >= depth) return refuse('json-too-deep', '', `has more than ${depth} levels`, 'nest less');
      expectKey = code === 0x7b;
      stack.push({ keys: expectKey ? new Set() : null, key: '', index: 0 });
    } else if (code === 0x7d || code === 0x5d) {
      stack.pop();
      expectKey = false;
    } else if (code === 0x2c && top) {
      top.index++;
      expectKey = top.keys !== null;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const start = i;
      while (i + 1 < text.length && NUMBER.test(text[i + 1] ?? '')) i++;
      const value = Number(text.slice(start, i + 1));
      if (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value) && !Number.isNaN(value)) {
        return refuse('json-number', pointer(stack), 'is a number that would lose digits', 'send it as a string');
      }
    }
  }
  return null;
}

const NUMBER = /[0-9.eE+-]/;

/** Index of the closing quote; the end of the text when there is none. */
function endOfString(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** Text of a string with escapes; as it is when malformed, JSON.parse then says so. */
function unescape(raw: string): string {
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === 'string' ? value : raw;
  } catch {
    return raw;
  }
}

/** Text as it can be stored: NUL and halves of surrogate pairs become U+FFFD. For what models and tools answer. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** The same for every text and key within a JSON value. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), storableJson(each)]));
}
