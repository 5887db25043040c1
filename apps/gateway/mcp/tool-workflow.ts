import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import { Failure } from '@agent-platform/kernel/index';
import { asJsonSchema } from '@agent-platform/nodes/input-schema';
import { resolveTool } from '@agent-platform/tool/tool.resolve';
import type { ToolState } from '@agent-platform/tool/index';
import type { Gateway } from '../gateway.ts';
import type { RequestContext } from '../request-context.ts';

const CODE = 'mcp.tool.';
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Names that a template can say after a dot. */
const PLACE = /^[A-Za-z_][\w-]*$/;

/** Workflows that stand for tools are not listed a second time. */
export const isToolWorkflow = (row: Readonly<Record<string, unknown>>): boolean => typeof row['code'] === 'string' && row['code'].startsWith(CODE);

/** A workflow of one tool node: a call from outside is then a run like any other, with everything that runs promise. */
export interface ToolWorkflow {
  readonly workflow_id: string;
  readonly name: string;
  readonly input_schema_json: JsonObject;
  readonly node: JsonObject;
}

/** The workflow of a tool's newest version, called through its newest binding when it has one. Throws Failure('missing'). */
export async function toolWorkflow(gateway: Gateway, workspace_id: string, tool_id: string): Promise<ToolWorkflow> {
  const { state } = await gateway.states.load(gateway.features.of('tool'), { workspace_id, category: 'tool', stream_id: tool_id });
  // The stream's category says whose state it is.
  const tool = state as ToolState;
  const binding_id = tool.bindings.at(-1)?.binding_id;
  const resolved = resolveTool(tool, tool_id, binding_id === undefined ? {} : { binding_id });
  if (!resolved) throw new Failure('missing', 'tool-not-found', `There is no tool "${tool_id}" with a version in this workspace.`);
  const { input_schema_json } = resolved.version;
  return {
    workflow_id: deterministicUuid(`mcp-tool/${workspace_id}/${resolved.version.id}/${binding_id ?? ''}`),
    name: resolved.tool.name,
    input_schema_json,
    node: {
      id: 'call',
      type: 'tool',
      config: {
        ...(binding_id === undefined ? { tool_id } : { tool_binding_id: binding_id }),
        ...inputConfig(resolved.version.invoke_config_json, input_schema_json),
      },
    },
  };
}

/** Where the input goes: into the body, or into the query of methods that have none. */
function inputConfig({ method = 'GET' }: JsonObject, schema: JsonObject): JsonObject {
  if (typeof method !== 'string' || !READS.has(method.toUpperCase())) return { body: '{{ input }}' };
  const { properties } = Object.keys(schema).length === 0 ? { properties: {} } : asJsonSchema(schema);
  const names = Object.keys((properties ?? {}) as JsonObject).filter((name) => PLACE.test(name));
  return { query: Object.fromEntries(names.map((name) => [name, `{{ input.${name} }}`])) };
}

/** Makes and publishes it. Its commands have ids of their own, so that two callers at the same time make one. */
export async function publishToolWorkflow(gateway: Gateway, context: RequestContext, { workflow_id, name, node }: ToolWorkflow): Promise<void> {
  const as = (step: string): RequestContext => ({ ...context, command_id: deterministicUuid(`mcp-tool/${context.workspace_id}/${workflow_id}/${step}`) });
  const description = 'Made for calls of the tool over MCP.';
  await gateway.command('workflow.create', { workflow_id, code: `${CODE}${workflow_id}`, name, description, nodes: [node], edges: [] }, as('create'));
  await gateway.command('workflow.publish', { workflow_id }, as('publish'));
}
