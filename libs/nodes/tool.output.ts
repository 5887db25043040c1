import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { compileInputSchema } from './input-schema.ts';
import type { NodeError, NodeOutcome, ResolvedTool } from './node.ts';
import { failed, nodeError } from './outcome.ts';
import { isObject } from './tool.call.ts';

/** What a tool promises of its answers, as a part of its recorded request: the version may be another one when it has answered. */
export type Promised = { output?: { tool: string; schema: JsonObject } };

/** The promise of a tool; a schema that can't be checked fails before anything is called. */
export function promisedBy(resolved: ResolvedTool | null): Promised | { readonly failed: NodeError } {
  const schema = resolved?.version.output_schema_json;
  if (!resolved || !schema) return {};
  const compiled = compileInputSchema(schema);
  const { code: tool } = resolved.tool;
  if ('error' in compiled) return { failed: nodeError('tool-schema-invalid', `The output_schema_json of tool "${tool}" ${compiled.error}.`) };
  return { output: { tool, schema } };
}

/** Fails an answer that is not what the tool promises. The call has been made, so it is not tried again. */
export function checkOutput(outcome: NodeOutcome, { output }: Promised): NodeOutcome {
  if (outcome.status !== 'completed' || !output) return outcome;
  const compiled = compileInputSchema(output.schema);
  const problem = 'error' in compiled ? compiled.error : compiled.check(answerIn(outcome.output_json));
  if (problem === null) return outcome;
  const message = `The tool "${output.tool}" was called, but its answer doesn't fit its output_schema_json: ${problem.replace(/^the input /, 'the answer ')}.`;
  return failed(nodeError('tool-output-invalid', message));
}

/** Of an HTTP tool the body, of one of an MCP server what it gives besides its texts. */
function answerIn(result: JsonValue): JsonValue {
  if (!isObject(result)) return result;
  const { response, structured = null } = result;
  return isObject(response) ? (response['json'] ?? response['text'] ?? null) : structured;
}
