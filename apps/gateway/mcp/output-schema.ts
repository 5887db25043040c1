import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { asJsonSchema, compileInputSchema } from '@agent-platform/nodes/input-schema';
import type { ListedTool } from './listed-tool.ts';

type OutputSchema = NonNullable<ListedTool['outputSchema']>;

/**
 * What clients may take otherwise than the check here does: references to the root, which is another one in an answer; what
 * the dialect of older clients doesn't know; and what turns around when a remark in it is left out.
 */
const UNSURE = /"(?:\$\w+|not|if|oneOf|const|prefixItems|patternProperties|dependentSchemas)":|"enum":\[[^\]]*[{[]/;
/** Remarks here (`format`), or written for another engine (`pattern`); clients check both. A property of that name is an object. */
const isRemark = (name: string, value: unknown): boolean => (name === 'format' || name === 'pattern') && typeof value === 'string';

/**
 * The structured content of answers whose output was checked against a schema. Clients refuse a result that doesn't fit, after
 * the call was made: so null for a schema that they might read in another way, and for none.
 */
export function outputSchemaOf(checked: JsonObject | null | undefined, place: (schema: JsonObject) => JsonObject = (schema) => schema): OutputSchema | null {
  if (!checked || Object.keys(checked).length === 0 || 'error' in compileInputSchema(checked)) return null;
  const text = JSON.stringify(asJsonSchema(checked));
  if (UNSURE.test(text)) return null;
  const schema = JSON.parse(text, (name, value: unknown) => (isRemark(name, value) ? undefined : value)) as JsonObject;
  return {
    type: 'object',
    properties: {
      run_id: { type: 'string', description: 'With which get_run asks again' },
      status: { type: 'string', description: 'completed; any other has no output' },
      output_text: { type: ['string', 'null'] },
      output_json: place(schema),
    },
    required: ['run_id', 'status'],
  };
}

/** Where the answer lies in the output of a tool: the JSON of an HTTP answer, or the structured content of an MCP server. */
export const inToolOutput =
  ({ transport }: JsonObject) =>
  (schema: JsonObject): JsonObject => ({
    type: 'object',
    properties: transport === undefined ? { response: { type: 'object', properties: { json: schema } } } : { structured: schema },
  });
