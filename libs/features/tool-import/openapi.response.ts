import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { isObject, resolved, SchemaReader, Unsupported } from './openapi.schema.ts';

/** Of a document, so that what its tools answer never keeps it from being imported: an event has room for 900 KB. */
const MOST_BYTES = 700_000;

/**
 * Schema of the JSON that an operation answers when all is well: the first that has one of 200, 201, the other codes of success,
 * 2XX; and `default` where no success is described, because beside one it means errors. Null when the document doesn't say it,
 * or, where answers are to be `checked`, not in a way that they can be: that is no reason to do without the tool.
 */
export function outputOf(document: JsonObject, operation: JsonObject, checked: boolean): JsonObject | null {
  try {
    const responses = resolved(document, operation['responses']);
    const successes = Object.keys(responses)
      .filter((code) => /^2(?:\d\d|xx)$/i.test(code))
      .toSorted();
    for (const code of successes.length > 0 ? successes : ['default']) {
      const schema = jsonSchemaOf(document, resolved(document, responses[code])['content']);
      // Compiling takes milliseconds each: not for what is only shown.
      if (schema) return checked && 'error' in compileInputSchema(schema) ? null : schema;
    }
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
  }
  return null;
}

function jsonSchemaOf(document: JsonObject, content: JsonObject[string] | undefined): JsonObject | null {
  if (!isObject(content)) return null;
  const type = Object.keys(content).find((one) => /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(one));
  if (type === undefined) return null;
  const schema = new SchemaReader(document).read(resolved(document, content[type])['schema']);
  return Object.keys(schema).length === 0 ? null : schema;
}

/** Tools with their outputs, as many as there is room for. */
export function withOutputs<T extends object>(tools: readonly (readonly [T, JsonObject | null])[]): (T & { readonly output_schema_json?: JsonObject })[] {
  const sizeOf = (value: object): number => Buffer.byteLength(JSON.stringify(value));
  let room = MOST_BYTES - sizeOf(tools.map(([tool]) => tool));
  return tools.map(([tool, output]) => {
    if (!output) return tool;
    room -= sizeOf(output);
    return room < 0 ? tool : { ...tool, output_schema_json: output };
  });
}
