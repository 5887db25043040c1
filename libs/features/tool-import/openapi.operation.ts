import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { isObject, resolved, SchemaReader, Unsupported } from './openapi.schema.ts';

/** One operation as a tool, before it has ids. */
export interface OperationTool {
  readonly operation: string;
  readonly description: string | null;
  readonly input_schema_json: JsonObject;
  /** What it answers when all is well; absent when the document does not say so in a way that can be checked. */
  readonly output_schema_json?: JsonObject;
  readonly invoke_config_json: JsonObject;
}

interface Place {
  readonly document: JsonObject;
  readonly path: string;
  readonly method: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

/** What the tool takes and how it is called. Throws Unsupported when that can't be said. */
export function toolOf({ document, path, method, item, operation }: Place): Pick<OperationTool, 'input_schema_json' | 'invoke_config_json'> {
  const reader = new SchemaReader(document);
  const input = new Input();
  const query: JsonObject = {};
  const headers: JsonObject = {};
  let called = path;
  for (const parameter of parametersOf(document, item, operation)) {
    const { name, in: where, required } = parameter;
    if (where === 'cookie' || !isPlain(parameter.source)) {
      if (required)
        throw new Unsupported(`its parameter "${name}" has to be sent in a way that tools can't: ${where === 'cookie' ? 'as a cookie' : 'its style'}`);
      continue;
    }
    const schema = reader.read(parameter.source['schema']);
    const described = typeof parameter.source['description'] === 'string' ? { description: parameter.source['description'].slice(0, 1000), ...schema } : schema;
    if (where === 'path') called = called.replaceAll(`{${name}}`, `{{ input.${input.add(name, inPath(described), true)} | urlencode }}`);
    else if (where === 'query') query[name] = `{{ input.${input.add(name, described, required)} }}`;
    else if (where === 'header' && !RESERVED.has(name.toLowerCase())) headers[name] = `{{ input.${input.add(name, described, required)} }}`;
  }
  const left = /\{(?!\{)([^{}]*)\}(?!\})/.exec(called);
  if (left) throw new Unsupported(`its path names "${left[1]}", which is no parameter`);
  const body = bodyOf(document, operation);
  const sent = body && { body: `{{ input.${input.add('body', reader.read(body.schema), body.required)} }}` };
  if (body && body.type !== 'application/json') headers['content-type'] = body.type;
  return {
    input_schema_json: input.schema(),
    invoke_config_json: {
      method: method.toUpperCase(),
      path: called,
      ...(Object.keys(query).length > 0 && { query }),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...sent,
    },
  };
}

/** OpenAPI: parameters of these names are ignored. */
const RESERVED: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

/** A dot segment would lead to another path. */
const inPath = (schema: JsonObject): JsonObject => ({ ...schema, not: { enum: ['', '.', '..'] } });

/** The properties of the input, under names that templates can read. */
class Input {
  readonly #properties: { [name: string]: JsonObject } = {};
  readonly #required: string[] = [];

  add(name: string, schema: JsonObject, required: boolean): string {
    const words = name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replace(/(?<=[A-Za-z0-9])_+$/, '');
    const readable = /^(?:constructor|prototype|_*proto_*)$/.test(words) ? `${words}_value` : words.replace(/^(?=[^A-Za-z_])/, '_');
    let free = readable;
    for (let n = 2; Object.hasOwn(this.#properties, free); n++) free = `${readable}_${n}`;
    this.#properties[free] = schema;
    if (required) this.#required.push(free);
    return free;
  }

  schema(): JsonObject {
    return { type: 'object', properties: this.#properties, ...(this.#required.length > 0 && { required: this.#required }), additionalProperties: false };
  }
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly source: JsonObject;
}

/** Parameters of the path and of the operation; the operation's stand in the place of the path's. */
function parametersOf(document: JsonObject, item: JsonObject, operation: JsonObject): readonly Parameter[] {
  const found = new Map<string, Parameter>();
  for (const list of [item['parameters'], operation['parameters']]) {
    for (const each of Array.isArray(list) ? list : []) {
      const source = resolved(document, each);
      const { name, in: where } = source;
      if (typeof name === 'string' && typeof where === 'string')
        found.set(`${where}/${name}`, { name, in: where, required: source['required'] === true, source });
    }
  }
  return [...found.values()];
}

/** Whether it is sent as tools send values: plain in paths and headers, repeated for lists in queries. */
function isPlain(source: JsonObject): boolean {
  const { style, explode, schema } = source;
  if (source['content'] !== undefined) return false;
  if (style !== undefined && style !== (source['in'] === 'query' ? 'form' : 'simple')) return false;
  const type: JsonValue | undefined = isObject(schema) ? schema['type'] : undefined;
  if (source['in'] === 'query') return type !== 'object' && !(type === 'array' && explode === false);
  return type !== 'object' && type !== 'array';
}

function bodyOf(
  document: JsonObject,
  operation: JsonObject,
): { readonly type: string; readonly schema: JsonValue | undefined; readonly required: boolean } | null {
  const body = resolved(document, operation['requestBody']);
  const content = body['content'];
  if (!isObject(content) || Object.keys(content).length === 0) return null;
  const types = Object.keys(content);
  const type =
    types.find((one) => /^application\/json\s*(?:;|$)/i.test(one)) ??
    types.find((one) => /\+json\s*(?:;|$)/i.test(one)) ??
    types.find((one) => /^application\/x-www-form-urlencoded/i.test(one)) ??
    types.find((one) => /^text\/plain/i.test(one));
  const required = body['required'] === true;
  if (type !== undefined)
    return { type: /^application\/json/i.test(type) ? 'application/json' : type, schema: resolved(document, content[type])['schema'], required };
  if (!required) return null;
  throw new Unsupported(`its body is ${types.join(' or ').slice(0, 200)}; JSON, forms and plain text are what tools send`);
}
