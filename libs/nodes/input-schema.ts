import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { memoized } from '@agent-platform/graph/memo';
import { Ajv2020, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { schemaCost } from './schema-cost.ts';

const SCHEMA_LIMITS = { length: 64 * 1024, depth: 20, cost: 1000 } as const;

/** Null when the input fits; else what is wrong, field by field, in one sentence. */
export type InputCheck = (input: JsonValue) => string | null;

type CompiledSchema = { readonly check: InputCheck } | { readonly error: string };

/**
 * Compiles the input schema of a tool: JSON Schema 2020-12, or a plain map of property schemas as the tool examples have
 * it (`{"query": {"type": "string"}}`; a property with `"required": true` has to be there). Schemas come from users, so:
 * limited in size, depth and cost, no references outside the document, patterns in linear time (RE2), formats not checked.
 */
export function compileInputSchema(schema: JsonObject): CompiledSchema {
  if (Object.keys(schema).length === 0) return { check: () => null };
  return compileText(JSON.stringify(schema));
}

const compileText = memoized(500, SCHEMA_LIMITS.length, (text): CompiledSchema => {
  if (text.length > SCHEMA_LIMITS.length) return { error: `is longer than ${SCHEMA_LIMITS.length} characters; keep only what the tool checks` };
  const given = JSON.parse(text) as JsonObject;
  if (depthOf(given) > SCHEMA_LIMITS.depth) return { error: `is nested deeper than ${SCHEMA_LIMITS.depth} levels; move parts to "$defs"` };
  // Both would be looked up or registered by name; one dialect and one document are all there is.
  const { $schema: _dialect, $id: _name, ...schema } = asJsonSchema(given);
  if (schemaCost(schema, SCHEMA_LIMITS.cost) > SCHEMA_LIMITS.cost) {
    return {
      error: 'refers to itself or to alternatives too often, or to something outside of it; use "$ref" only as "#/$defs/<name>" and fewer alternatives',
    };
  }
  try {
    const ajv = compiler();
    const validate = ajv.compile(schema as AnySchemaObject);
    ajv.removeSchema(schema);
    return { check: (input) => (validate(input) === true ? null : explain(validate)) };
  } catch (thrown) {
    return { error: `is not a JSON Schema: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
});

const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Ajv tells patterns apart by their text form: without one of its own, every pattern would be taken for the first.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 'RE2JS.compile' },
);

/** An instance keeps something of every schema it ever compiled, so it is thrown away after this many. */
const COMPILATIONS = 500;
let instance: { readonly ajv: Ajv2020; left: number } | undefined;

function compiler(): Ajv2020 {
  if (!instance || instance.left === 0) instance = { ajv: createAjv(), left: COMPILATIONS };
  instance.left -= 1;
  return instance.ajv;
}

function createAjv(): Ajv2020 {
  // Formats of 2020-12 are remarks, and the usual checks for them are backtracking patterns.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, code: { regExp: linearRegExp } });
  // The built-in keyword compares every item with every other.
  ajv.removeKeyword('uniqueItems');
  return ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (unique: boolean, items: JsonValue[]) => !unique || new Set(items.map(canonical)).size === items.length,
    error: { message: 'must NOT have duplicate items' },
  });
}

const canonical = (value: JsonValue): string =>
  JSON.stringify(value, (_, member: JsonValue) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

function explain(validate: ValidateFunction): string {
  const describe = ({ instancePath, message, params }: ErrorObject): string => {
    const extra = 'additionalProperty' in params ? ` ("${String(params['additionalProperty'])}")` : '';
    return `${instancePath === '' ? 'the input' : instancePath.slice(1).replaceAll('/', '.')} ${message ?? 'is wrong'}${extra}`;
  };
  return (validate.errors ?? []).slice(0, 5).map(describe).join('; ');
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property map has schemas under every name; a JSON Schema has keywords with values of other kinds. */
const isJsonSchema = (schema: JsonObject): boolean =>
  Object.hasOwn(schema, '$ref') || Object.hasOwn(schema, 'properties') || !Object.values(schema).every(isObject);

/** A plain map of property schemas as the JSON Schema that it stands for; a JSON Schema as it is. */
export const asJsonSchema = (given: JsonObject): JsonObject => (isJsonSchema(given) ? given : fromPropertyMap(given));

function fromPropertyMap(map: JsonObject): JsonObject {
  const entries = Object.entries(map).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
  const property = ([name, { required, ...schema }]: [string, JsonObject]): [string, JsonObject] => [
    name,
    typeof required === 'boolean' || required === undefined ? schema : { ...schema, required },
  ];
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(property)),
    required: entries.filter(([, schema]) => schema['required'] === true).map(([name]) => name),
  };
}

const depthOf = (value: JsonValue): number =>
  typeof value === 'object' && value !== null ? 1 + Object.values(value).reduce((deepest: number, each) => Math.max(deepest, depthOf(each)), 0) : 0;
