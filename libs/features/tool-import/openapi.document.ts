import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { type OperationTool, toolOf } from './openapi.operation.ts';
import { outputOf, withOutputs } from './openapi.response.ts';
import { isObject, resolved, Unsupported } from './openapi.schema.ts';

/** What a document says. */
export interface ReadDocument {
  readonly title: string;
  readonly version: string;
  readonly tools: readonly OperationTool[];
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}

type Problem = { readonly problem: { readonly field: string; readonly rule: string; readonly remedy: string } };

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
const MOST_OPERATIONS = 500;
const problem = (field: string, rule: string, remedy: string): Problem => ({ problem: { field, rule, remedy } });

/** Reads an OpenAPI 3.0 or 3.1 document: every operation becomes a tool, or is named with the reason why not. */
export function readOpenApi(
  document: JsonObject,
  options: { readonly base_url?: string; readonly operations?: readonly string[]; readonly check_outputs?: boolean } = {},
): ReadDocument | Problem {
  if (document['swagger'] !== undefined) return problem('/document/swagger', 'is of version 2', 'convert it to OpenAPI 3 first');
  const { openapi } = document;
  if (typeof openapi !== 'string' || !/^3\.[01](?:\.\d+)?(?:-|$)/.test(openapi))
    return problem('/document/openapi', 'must be 3.0 or 3.1', 'give an OpenAPI document of one of these versions');
  const paths = document['paths'];
  if (!isObject(paths)) return problem('/document/paths', 'must be an object', 'give a document that has operations');
  const base = options.base_url ?? serverOf(document);
  if (base === null || !/^https?:\/\//i.test(base))
    return problem('/base_url', 'is needed: the document names no server with a whole address', 'give "base_url"');

  const tools: [OperationTool, JsonObject | null][] = [];
  const skipped: { operation: string; reason: string }[] = [];
  const names = new Set<string>();
  for (const [path, method, item, operation] of operationsOf(document, paths)) {
    const id = typeof operation['operationId'] === 'string' ? operation['operationId'] : `${method}${path}`;
    if (options.operations && !options.operations.includes(id)) continue;
    if (names.size === MOST_OPERATIONS)
      return problem('/document/paths', `has more than ${MOST_OPERATIONS} operations`, 'name those that you need in "operations"');
    const name = freeName(id, names);
    try {
      const { input_schema_json, invoke_config_json } = toolOf({ document, path, method, item, operation });
      const tool = { operation: name, description: describe(operation), input_schema_json, invoke_config_json: { base_url: base, ...invoke_config_json } };
      tools.push([tool, outputOf(document, operation, options.check_outputs ?? false)]);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      skipped.push({ operation: `${method.toUpperCase()} ${path}`.slice(0, 300), reason: error.message });
    }
  }
  const info = resolved(document, document['info']);
  return { title: text(info['title']), version: text(info['version']), tools: withOutputs(tools), skipped };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value.slice(0, 500) : '');

function* operationsOf(document: JsonObject, paths: JsonObject): Generator<readonly [string, string, JsonObject, JsonObject]> {
  for (const [path, value] of Object.entries(paths)) {
    if (!path.startsWith('/')) continue;
    const item = isObject(value) && typeof value['$ref'] === 'string' && !value['$ref'].startsWith('#/') ? {} : resolved(document, value);
    for (const method of METHODS) {
      const operation = item[method];
      if (isObject(operation)) yield [path, method, item, operation];
    }
  }
}

/** Codes are made of it: only what they may have, and short. */
function freeName(id: string, taken: Set<string>): string {
  const readable =
    id
      .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 60) || 'operation';
  let free = readable;
  for (let n = 2; taken.has(free); n++) free = `${readable}_${n}`;
  taken.add(free);
  return free;
}

function describe(operation: JsonObject): string | null {
  const parts = [operation['summary'], operation['description']].filter((part): part is string => typeof part === 'string' && part.trim() !== '');
  return parts.length === 0 ? null : [...new Set(parts)].join('\n\n').slice(0, 5000);
}

/** Address of the first server, its variables at their defaults; null without one. */
function serverOf(document: JsonObject): string | null {
  const [first] = Array.isArray(document['servers']) ? document['servers'] : [];
  if (!isObject(first) || typeof first['url'] !== 'string') return null;
  const variables = isObject(first['variables']) ? first['variables'] : {};
  return first['url'].replaceAll(/\{([^{}]+)\}/g, (written, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isObject(variable) && typeof variable['default'] === 'string' ? variable['default'] : written;
  });
}
