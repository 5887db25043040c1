import { LIMITS } from '@agent-platform/contracts/kit/index';
import { placeIn, type TextProblem } from './text-place.ts';

type Read = { readonly value: unknown } | { readonly problem: TextProblem; readonly mayBeYaml: boolean };

interface Refusal {
  readonly at: number;
  readonly message: string;
  readonly remedy: string;
  readonly mayBeYaml: boolean;
}

/** One token of JSON; sticky, and the scan stops where it fails, so that no character is looked at twice. */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- JSON refuses exactly these characters inside texts
  /[ \t\n\r]*(?:(?<sign>[{}[\],:])|(?<text>"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?<scalar>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null))/y;
const SPACE = /[ \t\n\r]*/y;

/** Reads JSON. What JSON.parse accepts silently (duplicate keys, deep nesting) or can't place is found by a scan before. */
export function readJson(source: string): Read {
  const refused = new JsonScan(source).run();
  if (!refused) return { value: JSON.parse(source) };
  const { at, message, remedy, mayBeYaml } = refused;
  return { problem: { message: `JSON: ${message}`, remedy, ...placeIn(source, at) }, mayBeYaml };
}

type Wanted = 'a value' | 'a value or "]"' | 'a key' | 'a key or "}"' | '":"' | '"," or a closing bracket' | 'the end';

class JsonScan {
  readonly #source: string;
  /** The containers that are open: the keys of an object, null for an array. */
  readonly #open: (Set<string> | null)[] = [];
  #wanted: Wanted = 'a value';
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Refusal | null {
    for (;;) {
      SPACE.lastIndex = this.#at;
      SPACE.test(this.#source);
      const start = SPACE.lastIndex;
      if (start === this.#source.length) return this.#wanted === 'the end' ? null : this.#unexpected(start);
      TOKEN.lastIndex = start;
      const { sign, text, scalar } = TOKEN.exec(this.#source)?.groups ?? {};
      this.#at = TOKEN.lastIndex;
      const refused =
        sign !== undefined
          ? this.#sign(sign, start)
          : text !== undefined
            ? this.#text(text, start)
            : scalar !== undefined
              ? this.#value(start)
              : this.#unexpected(start);
      if (refused) return refused;
    }
  }

  #sign(sign: string, at: number): Refusal | null {
    const inside = this.#open.at(-1);
    if (sign === '{' || sign === '[') return this.#begin(sign === '{' ? new Set() : null, at);
    if (sign === ':' && this.#wanted === '":"') return this.#want('a value');
    if (sign === ',' && this.#wanted === '"," or a closing bracket') return this.#want(inside ? 'a key' : 'a value');
    const closes = inside === undefined ? false : inside ? sign === '}' : sign === ']';
    const mayClose = this.#wanted === '"," or a closing bracket' || this.#wanted === 'a key or "}"' || this.#wanted === 'a value or "]"';
    if (!closes || !mayClose) return this.#unexpected(at);
    this.#open.pop();
    return this.#ended();
  }

  #begin(container: Set<string> | null, at: number): Refusal | null {
    if (this.#wanted !== 'a value' && this.#wanted !== 'a value or "]"') return this.#unexpected(at);
    this.#open.push(container);
    if (this.#open.length > LIMITS.jsonDepth) return { at, message: `nested more than ${LIMITS.jsonDepth} deep`, remedy: 'Flatten it.', mayBeYaml: false };
    return this.#want(container ? 'a key or "}"' : 'a value or "]"');
  }

  #text(text: string, at: number): Refusal | null {
    const keys = this.#open.at(-1);
    if (!keys || (this.#wanted !== 'a key' && this.#wanted !== 'a key or "}"')) return this.#value(at);
    // Two spellings of one key are the same key.
    const key = JSON.parse(text) as string;
    if (keys.has(key)) return { at, message: `the key ${text.slice(0, 60)} is there twice`, remedy: 'Remove one of the two.', mayBeYaml: false };
    keys.add(key);
    return this.#want('":"');
  }

  #value(at: number): Refusal | null {
    return this.#wanted === 'a value' || this.#wanted === 'a value or "]"' ? this.#ended() : this.#unexpected(at);
  }

  #ended(): null {
    return this.#want(this.#open.length === 0 ? 'the end' : '"," or a closing bracket');
  }

  #want(wanted: Wanted): null {
    this.#wanted = wanted;
    return null;
  }

  #unexpected(at: number): Refusal {
    const found = this.#source.slice(at, at + 10);
    return {
      at,
      message: `expected ${this.#wanted}, found ${found === '' ? 'the end of the text' : JSON.stringify(found)}`,
      remedy: 'Correct the JSON at this place.',
      mayBeYaml: true,
    };
  }
}
