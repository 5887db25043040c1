import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { memoized } from './memo.ts';
import { stepInto, valueAt } from './path.ts';
import { FILTERS, type Value } from './template-filters.ts';
import { parseTemplate, type Slot, templateError, type TemplateError, type TemplateParts } from './template-syntax.ts';

export type { TemplateError } from './template-syntax.ts';

/** The names that templates and expressions see. A scope may hold more (tools, the clock): it stays invisible. */
export const SCOPE_NAMES: ReadonlySet<string> = new Set(['input', 'state', 'nodes', 'current', 'run', 'secrets']);

/** What is rendered against: plain JSON data under the `SCOPE_NAMES`, e.g. a node's scope. */
export type Scope = object;

export const TEMPLATE_LIMITS = { sourceLength: 256 * 1024, outputLength: 4 * 1024 * 1024, workLength: 16 * 1024 * 1024, depth: 64 } as const;

export interface Template {
  readonly source: string;
  readonly parts: TemplateParts;
  /** Every path it reads, as steps. */
  readonly paths: readonly (readonly string[])[];
}

type Compiled = { readonly template: Template } | { readonly error: TemplateError };

/** Parses a template, remembering the latest ones. */
export const compileTemplate: (source: string) => Compiled = memoized(2000, 16 * 1024, (source): Compiled => {
  const limit = TEMPLATE_LIMITS.sourceLength;
  if (source.length > limit)
    return { error: limitError(`The template has ${source.length} characters, the limit is ${limit}`, 'Split it, or put the text into the input.') };
  const parsed = parseTemplate(source);
  if ('error' in parsed) return parsed;
  const paths = parsed.parts.flatMap((part) => (typeof part !== 'string' && 'steps' in part.head ? [part.head.steps] : []));
  return { template: { source, parts: parsed.parts, paths } };
});

/**
 * Renders text in one pass: what a value contains is never rendered again. A missing value and null give no text, objects
 * and lists their JSON. Pure and total; takes time linear in template, values read and output.
 */
export function renderText(source: string | Template, scope: Scope): { readonly text: string } | { readonly error: TemplateError } {
  const compiled = typeof source === 'string' ? compileTemplate(source) : { template: source };
  return 'error' in compiled ? compiled : guarded(() => ({ text: new Rendering(scope).text(compiled.template) }));
}

/**
 * Renders every string inside a JSON value. A string that is nothing but one `{{ … }}` becomes the value itself with its
 * type kept (missing: null); object keys are not rendered.
 */
export function renderValue(value: JsonValue, scope: Scope): { readonly value: JsonValue } | { readonly error: TemplateError } {
  return guarded(() => ({ value: new Rendering(scope).value(value, 0) }));
}

class Stopped extends Error {
  readonly error: TemplateError;
  constructor(error: TemplateError) {
    super(error.message);
    this.error = error;
  }
}

const limitError = (message: string, remedy: string): TemplateError => templateError('', { code: 'template-limit', position: 0, message, remedy });

function guarded<R>(render: () => R): R | { readonly error: TemplateError } {
  try {
    return render();
  } catch (thrown) {
    if (thrown instanceof Stopped) return { error: thrown.error };
    // The only other thing that can happen is a value too deep or too long for JSON.stringify.
    if (thrown instanceof RangeError) return { error: limitError('A value is too large to be written as text', 'Read a smaller part of it.') };
    throw thrown;
  }
}

/** One rendering: counts characters read and written over the whole of it. */
class Rendering {
  readonly #scope: Scope;
  readonly #place: string[] = [];
  #written = 0;
  #work = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  text(template: Template): string {
    let text = '';
    for (const part of template.parts) {
      const piece = typeof part === 'string' ? part : this.#toText(this.#slot(part));
      this.#written += piece.length;
      if (this.#written > TEMPLATE_LIMITS.outputLength) {
        throw new Stopped(
          limitError(`The rendered text has more than ${TEMPLATE_LIMITS.outputLength} characters`, 'Read smaller parts, or shorten them with truncate(n).'),
        );
      }
      text += piece;
    }
    return text;
  }

  value(value: JsonValue, depth: number): JsonValue {
    if (depth > TEMPLATE_LIMITS.depth) throw new Stopped(limitError(`The value is nested more than ${TEMPLATE_LIMITS.depth} deep`, 'Flatten it.'));
    if (typeof value === 'string') return this.#string(value);
    if (Array.isArray(value)) return value.map((item, i) => this.#inside(String(i), item, depth));
    if (typeof value !== 'object' || value === null) return value;
    // fromEntries defines own properties: a key named __proto__ stays data.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#inside(key, item, depth)]));
  }

  #inside(key: string, item: JsonValue, depth: number): JsonValue {
    this.#place.push(key);
    const value = this.value(item, depth + 1);
    this.#place.pop();
    return value;
  }

  #string(source: string): JsonValue {
    if (!source.includes('{{')) return source;
    const compiled = compileTemplate(source);
    if ('error' in compiled) {
      const place = this.#place.join('.');
      throw new Stopped(place === '' ? compiled.error : { ...compiled.error, message: `${place}: ${compiled.error.message}` });
    }
    const [only, more] = compiled.template.parts;
    return only !== undefined && typeof only !== 'string' && more === undefined ? (this.#slot(only) ?? null) : this.text(compiled.template);
  }

  #slot({ head, filters }: Slot): Value {
    let value = 'text' in head ? head.text : this.#read(head.steps);
    for (const { name, args } of filters) value = FILTERS[name].apply(value, args, (each) => this.#toText(each));
    return value;
  }

  #read([name = '', ...steps]: readonly string[]): Value {
    return SCOPE_NAMES.has(name) ? (valueAt(steps, stepInto(this.#scope, name)) as Value) : undefined;
  }

  #toText(value: Value): string {
    const text = value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    this.#work += text.length + 1;
    if (this.#work > TEMPLATE_LIMITS.workLength) throw new Stopped(limitError('The template reads too much text', 'Read smaller parts of the values.'));
    return text;
  }
}
