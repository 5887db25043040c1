import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';

/** Why an operation can't become a tool, in words that follow "because". */
export class Unsupported extends Error {}

/** Keywords of JSON Schema that the input check of tools understands; remarks of OpenAPI are left out. */
const KEPT: ReadonlySet<string> = new Set(
  (
    'type enum const title description default format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern ' +
    'minItems maxItems uniqueItems minProperties maxProperties required'
  ).split(' '),
);
const ONE = ['items', 'not', 'additionalProperties'] as const;
const MANY = ['allOf', 'anyOf', 'oneOf'] as const;
const LIMITS = { references: 12, parts: 2_000, depth: 8 } as const;

export const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a local reference points at. Throws Unsupported for one that leads out of the document, or nowhere. */
function follow(document: JsonObject, reference: string): JsonValue {
  if (!reference.startsWith('#/')) throw new Unsupported(`it refers to "${reference.slice(0, 200)}", outside of the document; put that part into it`);
  let at: JsonValue | undefined = document;
  for (const step of reference.slice(2).split('/')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  if (at === undefined) throw new Unsupported(`it refers to "${reference.slice(0, 200)}", which is not in the document`);
  return at;
}

/** An object of the document, at the end of at most a dozen references. */
export function resolved(document: JsonObject, value: JsonValue | undefined): JsonObject {
  let at = value;
  for (let hops = 0; isObject(at) && typeof at['$ref'] === 'string'; hops++) {
    if (hops === LIMITS.references) throw new Unsupported('its references lead in a circle');
    at = follow(document, at['$ref']);
  }
  return isObject(at) ? at : {};
}

/**
 * Schemas of one operation as JSON Schema 2020-12 without references. Where a schema refers to itself, or goes deeper than
 * input checks do, anything is accepted: the server checks too. Throws Unsupported when it becomes too large or its references too deep.
 */
export class SchemaReader {
  readonly #document: JsonObject;
  #parts = 0;
  #depth = 0;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  read(schema: JsonValue | undefined, above: readonly string[] = []): JsonObject {
    if (schema === false) return { not: {} };
    if (!isObject(schema)) return {};
    this.#parts += 1;
    if (this.#parts > LIMITS.parts) throw new Unsupported(`its schemas have more than ${LIMITS.parts} parts`);
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return this.#convert(schema, above);
    if (above.includes(reference)) return {};
    if (above.length === LIMITS.references) throw new Unsupported(`its references are more than ${LIMITS.references} deep`);
    return this.read(follow(this.#document, reference), [...above, reference]);
  }

  #convert(schema: JsonObject, above: readonly string[]): JsonObject {
    if (this.#depth === LIMITS.depth) return {};
    this.#depth += 1;
    const kept: JsonObject = Object.fromEntries(Object.entries(schema).filter(([name]) => KEPT.has(name)));
    for (const name of ONE) if (isObject(schema[name]) || typeof schema[name] === 'boolean') kept[name] = this.read(schema[name], above);
    for (const name of MANY) if (Array.isArray(schema[name])) kept[name] = schema[name].map((each) => this.read(each, above));
    if (isObject(schema['properties']))
      kept['properties'] = Object.fromEntries(Object.entries(schema['properties']).map(([name, each]) => [name, this.read(each, above)]));
    this.#depth -= 1;
    return fromThreeZero(schema, kept);
  }
}

/** OpenAPI 3.0 says in its own words what JSON Schema says with `type` and numbers. */
function fromThreeZero(schema: JsonObject, kept: JsonObject): JsonObject {
  const changed = { ...kept };
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof changed[flag] !== 'boolean') continue;
    if (changed[flag] && changed[bound] !== undefined) {
      changed[flag] = changed[bound];
      delete changed[bound];
    } else delete changed[flag];
  }
  if (schema['nullable'] === true && typeof changed['type'] === 'string') {
    changed['type'] = [changed['type'], 'null'];
    if (Array.isArray(changed['enum'])) changed['enum'] = [...new Set([...changed['enum'], null])];
  }
  return changed;
}
