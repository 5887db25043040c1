import { type JsonValue, LIMITS } from '@agent-platform/contracts/kit/index';

/** What had to be changed, by how often; empty when the value was storable as it was. */
export interface StorableChanges {
  /** NUL characters taken out: Postgres' text and jsonb refuse them. */
  nul_removed?: number;
  /** Lone surrogates replaced by U+FFFD: not Unicode, refused by jsonb and changed by every UTF-8 encoder. */
  surrogates_replaced?: number;
  /** Keys named `__proto__` left out: some ways of copying would change the copy's prototype. */
  keys_removed?: number;
  /** Numbers that JSON can't write (not finite), and things that are no JSON at all: null in their place. */
  values_nulled?: number;
  /** Objects and arrays nested deeper than the limit: null in their place. */
  depth_cut?: number;
  /** Strings shortened, and items and members left out at the end, because of the size limit. */
  size_cut?: number;
}

export interface Storable {
  readonly value: JsonValue;
  readonly changes: StorableChanges;
}

/** Bytes of the smallest limit that makes sense: every scalar but a string fits. */
const SMALLEST = 32;

/**
 * Makes what came from outside (a model, a tool, an HTTP answer) fit for the log: well-formed Unicode without NUL,
 * at most 64 levels deep, at most `maxBytes` bytes as JSON in UTF-8. Total: takes anything, never throws. What
 * doesn't fit is cut at the end, in document order, so that the result is a prefix of the value.
 */
export function storable(value: unknown, maxBytes: number = LIMITS.commandBytes): Storable {
  const cleaner = new Cleaner(Math.max(maxBytes, SMALLEST));
  return { value: cleaner.clean(value, 0) ?? null, changes: cleaner.changes };
}

/** The same for a text: the answer is a text. */
export function storableText(text: string, maxBytes: number = LIMITS.commandBytes): { readonly value: string; readonly changes: StorableChanges } {
  const { value, changes } = storable(text, maxBytes);
  return { value: typeof value === 'string' ? value : '', changes };
}

const byteLength = (text: string): number => Buffer.byteLength(JSON.stringify(text));

class Cleaner {
  readonly changes: StorableChanges = {};
  #left: number;

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  /** Undefined when nothing of the value fits any more. */
  clean(value: unknown, depth: number): JsonValue | undefined {
    if (typeof value === 'string') return this.#text(value);
    if (value === null || typeof value === 'boolean') return this.#scalar(value);
    // Zero without its sign: JSON text has no negative zero in JavaScript, so what is read back would differ.
    if (typeof value === 'number' && Number.isFinite(value)) return this.#scalar(value === 0 ? 0 : value);
    if (typeof value !== 'object') return this.#nulled('values_nulled');
    if (depth >= LIMITS.jsonDepth) return this.#nulled('depth_cut');
    if (!this.#take(2)) return undefined;
    return Array.isArray(value) ? this.#list(value, depth) : this.#object(value, depth);
  }

  #list(items: readonly unknown[], depth: number): JsonValue {
    const list: JsonValue[] = [];
    for (const item of items) {
      if (!this.#take(1)) return list;
      const cleaned = this.clean(item, depth + 1);
      if (cleaned === undefined) return list;
      list.push(cleaned);
    }
    return list;
  }

  #object(source: object, depth: number): JsonValue {
    const object: Record<string, JsonValue> = {};
    for (const [name, member] of Object.entries(source)) {
      if (member === undefined) continue;
      const key = this.#characters(name);
      if (key === '__proto__') {
        this.#count('keys_removed');
        continue;
      }
      if (!this.#take(byteLength(key) + 2)) return object;
      const cleaned = this.clean(member, depth + 1);
      if (cleaned === undefined) return object;
      object[key] = cleaned;
    }
    return object;
  }

  #text(source: string): string | undefined {
    const text = this.#characters(source);
    const bytes = byteLength(text);
    if (bytes <= this.#left) {
      this.#left -= bytes;
      return text;
    }
    this.#count('size_cut');
    if (this.#left < SMALLEST / 2) return undefined;
    let end = text.length;
    let cost = bytes;
    while (cost > this.#left) {
      end = Math.min(end - 1, Math.floor((end * this.#left) / cost));
      cost = byteLength(text.slice(0, end));
    }
    this.#left = 0;
    const prefix = text.slice(0, end);
    return prefix.isWellFormed() ? prefix : prefix.slice(0, -1);
  }

  #characters(text: string): string {
    let clean = text;
    if (clean.includes('\0')) {
      clean = clean.replaceAll('\0', '');
      this.#count('nul_removed', text.length - clean.length);
    }
    if (clean.isWellFormed()) return clean;
    const formed = clean.toWellFormed();
    let replaced = 0;
    for (let at = 0; at < formed.length; at += 1) if (formed.charCodeAt(at) !== clean.charCodeAt(at)) replaced += 1;
    this.#count('surrogates_replaced', replaced);
    return formed;
  }

  #scalar<T extends number | boolean | null>(value: T): T | undefined {
    return this.#take(String(value).length) ? value : undefined;
  }

  #nulled(why: 'values_nulled' | 'depth_cut'): null | undefined {
    this.#count(why);
    return this.#scalar(null);
  }

  #take(bytes: number): boolean {
    if (bytes <= this.#left) {
      this.#left -= bytes;
      return true;
    }
    this.#count('size_cut');
    return false;
  }

  #count(what: keyof StorableChanges, times = 1): void {
    this.changes[what] = (this.changes[what] ?? 0) + times;
  }
}
