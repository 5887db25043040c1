import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { FILTERS, type FilterName, isFilterName } from './template-filters.ts';
import { PROTOTYPE_WORDS } from './path.ts';
import { placeIn } from './text-place.ts';

export interface TemplateError {
  readonly code: 'template-syntax' | 'template-path' | 'template-filter' | 'template-limit';
  /** Says what is wrong and where. */
  readonly message: string;
  readonly remedy: string;
  /** Offset in the template text; line and column count from 1. */
  readonly position: number;
  readonly line: number;
  readonly column: number;
}

export interface FilterCall {
  readonly name: FilterName;
  readonly args: readonly JsonValue[];
}

/** One `{{ … }}`: the steps of a path, or a quoted text (how a template writes braces: `{{ "{{" }}`). */
export interface Slot {
  readonly head: { readonly steps: readonly string[] } | { readonly text: string };
  readonly filters: readonly FilterCall[];
  readonly position: number;
}

/** A parsed template: literal text and slots in turn. */
export type TemplateParts = readonly (string | Slot)[];

type Kind = 'word' | 'string' | 'sign' | 'close' | 'end' | 'bad';
interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly at: number;
}

/** Sticky, without overlap between alternatives: every character is looked at a bounded number of times. */
const TOKEN = /\s*(?:(?<close>\}\})|(?<sign>[|(),])|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>[^\s|{}()[\],"']+))/y;
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?$/;
const NAME = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

class Refused extends Error {
  readonly error: Omit<TemplateError, 'line' | 'column'>;
  constructor(error: Omit<TemplateError, 'line' | 'column'>) {
    super(error.message);
    this.error = error;
  }
}

const refuse = (code: TemplateError['code'], position: number, message: string, remedy: string): never => {
  throw new Refused({ code, position, message, remedy });
};

export function templateError(source: string, error: Omit<TemplateError, 'line' | 'column'>): TemplateError {
  const { line, column } = placeIn(source, error.position);
  return { ...error, message: `${error.message} (line ${line}, column ${column})`, line, column };
}

/** Parses in one pass. Errors are values; nothing else is thrown. */
export function parseTemplate(source: string): { readonly parts: TemplateParts } | { readonly error: TemplateError } {
  try {
    return { parts: new Parser(source).parts() };
  } catch (thrown) {
    if (thrown instanceof Refused) return { error: templateError(source, thrown.error) };
    throw thrown;
  }
}

class Parser {
  readonly #source: string;
  #at = 0;
  #token: Token = { kind: 'end', text: '', at: 0 };

  constructor(source: string) {
    this.#source = source;
  }

  parts(): TemplateParts {
    const parts: (string | Slot)[] = [];
    for (;;) {
      const open = this.#source.indexOf('{{', this.#at);
      const text = this.#source.slice(this.#at, open < 0 ? undefined : open);
      if (text !== '') parts.push(text);
      if (open < 0) return parts;
      this.#at = open + 2;
      parts.push(this.#slot(open));
    }
  }

  #slot(position: number): Slot {
    this.#advance();
    const head = this.#head(position);
    const filters: FilterCall[] = [];
    while (this.#token.text === '|' && this.#token.kind === 'sign') filters.push(this.#filter());
    if (this.#token.kind !== 'close') this.#unexpected(position, 'a filter after "|" or the closing "}}"');
    return { head, filters, position };
  }

  #head(open: number): Slot['head'] {
    const { kind, text, at } = this.#token;
    if (kind === 'string') {
      this.#advance();
      return { text: unquote(text) };
    }
    if (kind !== 'word') this.#unexpected(open, 'a path like state.name');
    const steps = text.split('.');
    const forbidden = steps.find((step) => PROTOTYPE_WORDS.has(step));
    if (forbidden !== undefined)
      refuse('template-path', at, `The path "${text}" uses the word "${forbidden}"`, 'Prototype words are never part of a path; rename the field.');
    if (steps.includes('') || !NAME.test(steps[0] ?? ''))
      refuse('template-path', at, `"${text}" is not a path`, 'Write names and numbers joined by single dots, like nodes.search.output.0.title.');
    this.#advance();
    return { steps };
  }

  #filter(): FilterCall {
    this.#advance();
    const { kind, text, at } = this.#token;
    if (kind !== 'word' || !isFilterName(text)) {
      return refuse('template-filter', at, `Unknown filter "${text}"`, `Filters are ${Object.keys(FILTERS).join(', ')}.`);
    }
    this.#advance();
    const args = this.#token.kind === 'sign' && this.#token.text === '(' ? this.#args(at) : [];
    const problem = FILTERS[text].check(args);
    if (problem !== null) refuse('template-filter', at, `Filter "${text}": wrong arguments`, problem);
    return { name: text, args };
  }

  #args(filterAt: number): JsonValue[] {
    const args: JsonValue[] = [];
    do {
      this.#advance();
      const { kind, text } = this.#token;
      if (kind === 'sign' && text === ')' && args.length === 0) break;
      if (kind === 'string') args.push(unquote(text));
      else if (kind === 'word' && NUMBER.test(text)) args.push(Number(text));
      else if (kind === 'word' && (text === 'true' || text === 'false')) args.push(text === 'true');
      else if (kind === 'word' && text === 'null') args.push(null);
      else this.#unexpected(filterAt, 'a quoted text, a number, true, false or null');
      this.#advance();
    } while (this.#token.kind === 'sign' && this.#token.text === ',');
    if (this.#token.kind !== 'sign' || this.#token.text !== ')') this.#unexpected(filterAt, '")" after the arguments');
    this.#advance();
    return args;
  }

  #unexpected(open: number, wanted: string): never {
    const { kind, text, at } = this.#token;
    if (kind === 'end') refuse('template-syntax', open, '"{{" is never closed', 'Close it with "}}"; write {{ "{{" }} for the braces themselves.');
    return refuse(
      'template-syntax',
      at,
      `Unexpected "${text.slice(0, 20)}": expected ${wanted}`,
      'Write {{ path }} or {{ path | filter("argument") }}; write {{ "{{" }} for the braces themselves.',
    );
  }

  /** After the closing braces nothing is read ahead: literal text follows. */
  #advance(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#source);
    if (match) {
      const { close, sign, string, word } = match.groups ?? {};
      const text = close ?? sign ?? string ?? word ?? '';
      const kind: Kind = close !== undefined ? 'close' : sign !== undefined ? 'sign' : string !== undefined ? 'string' : 'word';
      this.#token = { kind, text, at: TOKEN.lastIndex - text.length };
      this.#at = TOKEN.lastIndex;
      return;
    }
    const at = this.#at + (/^\s*/.exec(this.#source.slice(this.#at))?.[0].length ?? 0);
    const text = this.#source.slice(at, at + 20);
    this.#token = { kind: text === '' ? 'end' : 'bad', text, at };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Text between quotes; a backslash keeps the next character as it is, except for \n, \t and \r. */
const unquote = (quoted: string): string =>
  quoted.slice(1, -1).replace(/\\(.)/gs, (_, char: string) => (Object.hasOwn(ESCAPES, char) ? (ESCAPES[char] ?? char) : char));
