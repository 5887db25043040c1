import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { compileTemplate } from '@agent-platform/graph/index';
import type { ResolvedTool } from './node.ts';
import { isObject } from './tool.call.ts';

/** Methods whose parameters stand in the address. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/** Whether templates of the tool or its binding take what they need from the input. */
function readsInput({ version, binding }: ResolvedTool): boolean {
  const open: unknown[] = [version.invoke_config_json, binding?.config_json];
  for (let at = open.pop(); at !== undefined || open.length > 0; at = open.pop()) {
    if (typeof at === 'object' && at !== null) open.push(...Object.values(at));
    if (typeof at !== 'string' || !at.includes('{{')) continue;
    const compiled = compileTemplate(at);
    if ('template' in compiled && compiled.template.paths.some(([root]) => root === 'input')) return true;
  }
  return false;
}

type Parts = { readonly query: JsonObject; readonly body: JsonValue | undefined };

/**
 * Rendered query and body with the rendered input in them, where the tool does not say itself what becomes of its input:
 * its members are added to the query, or to the body of methods that have one.
 */
export function addInput(parts: Parts, method: string, input: JsonObject, tool: ResolvedTool | null): Parts {
  if (tool && readsInput(tool)) return parts;
  if (WITHOUT_BODY.has(method)) return { ...parts, query: { ...parts.query, ...input } };
  return { ...parts, body: isObject(parts.body) ? { ...parts.body, ...input } : (parts.body ?? input) };
}
