import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { compileTemplate, renderValue } from '@agent-platform/graph/index';
import type { NodeError, NodeScope } from './node.ts';
import { nodeError } from './outcome.ts';

export type Rendered<T> = { readonly value: T } | { readonly failed: NodeError };

/** A problem of a config, as `check` of a node reports it. */
export interface ConfigProblem {
  readonly path: string;
  readonly rule: string;
  readonly remedy: string;
}

/** Renders every text inside a JSON value; a text that is one single place becomes the value with its type. */
export function render(value: JsonValue, scope: NodeScope): Rendered<JsonValue> {
  const rendered = renderValue(value, scope);
  return 'error' in rendered ? { failed: nodeError(rendered.error.code, `${rendered.error.message}. ${rendered.error.remedy}`) } : rendered;
}

/** Renders the fields of an object in one go; fields that are undefined are left out. */
export function renderFields(fields: { readonly [name: string]: JsonValue | undefined }, scope: NodeScope): Rendered<JsonObject> {
  const present = Object.fromEntries(Object.entries(fields).filter((field): field is [string, JsonValue] => field[1] !== undefined));
  const rendered = render(present, scope);
  return 'failed' in rendered ? rendered : { value: rendered.value as JsonObject };
}

/** A rendered value where text is wanted, as templates write values into text: nothing for null, JSON for objects. */
export function asText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The templates inside these fields that don't parse. */
export function templateProblems(fields: { readonly [name: string]: unknown }, prefix = ''): ConfigProblem[] {
  return Object.entries(fields).flatMap(([name, value]): ConfigProblem[] => {
    const path = `${prefix}${name}`;
    if (typeof value === 'object' && value !== null) return templateProblems(value as Record<string, unknown>, `${path}.`);
    if (typeof value !== 'string' || !value.includes('{{')) return [];
    const compiled = compileTemplate(value);
    return 'error' in compiled ? [{ path, rule: compiled.error.message, remedy: compiled.error.remedy }] : [];
  });
}
