import type { Lookup } from '@agent-platform/kernel/index';
import type { ResolvedTool, ToolRef } from '@agent-platform/nodes/node';
import type { ToolState } from './tool.state.ts';
import { json } from './tool.view.ts';

/**
 * The tool, the version to use and the binding it was reached through. A binding's version counts, else the one
 * named, else the newest. Null when the tool is deleted, has no version, or does not have what was named.
 */
export function resolveTool(state: ToolState, id: string, ref: { readonly binding_id?: string; readonly version_id?: string } = {}): ResolvedTool | null {
  if (state.status !== 'active') return null;
  const binding = ref.binding_id === undefined ? null : state.bindings.find(({ binding_id }) => binding_id === ref.binding_id);
  if (binding === undefined) return null;
  const wanted = binding?.version_id ?? ref.version_id;
  const version = wanted === undefined ? state.versions.at(-1) : state.versions.find(({ version_id }) => version_id === wanted);
  if (!version) return null;
  return {
    tool: { id, code: state.fields.code, name: state.fields.name },
    version: {
      id: version.version_id,
      number: version.number,
      input_schema_json: version.input_schema_json,
      ...(version.output_schema_json && version.check_output !== false && { output_schema_json: version.output_schema_json }),
      invoke_config_json: json(version.invoke_config_json),
    },
    binding: binding && { id: binding.binding_id, config_json: json(binding.config_json) },
  };
}

/** Finds a tool, directly or through a binding, as the log has it now; null when there is none. */
export async function lookUpTool(workspace_id: string, ref: ToolRef, lookup: Lookup): Promise<ResolvedTool | null> {
  const stream_id = ref.kind === 'tool' ? ref.id : await lookup.holder(workspace_id, 'tool_binding', ref.id);
  if (stream_id === null) return null;
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state({ workspace_id, category: 'tool', stream_id })) as ToolState | null;
  return state && resolveTool(state, stream_id, ref.kind === 'tool' ? {} : { binding_id: ref.id });
}
