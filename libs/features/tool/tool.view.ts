import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { bindingIdOf, versionIdOf } from './tool.decider.ts';
import type { ToolCommand, ToolState } from './tool.state.ts';

/** The tool as commands answer it. */
export function toolView(state: ToolState, id: string): JsonObject | null {
  if (state.status !== 'active') return null;
  const latest = state.versions.at(-1);
  const { tool_type, fields } = state;
  return { id, tool_type, ...fields, latest_version_id: latest?.version_id ?? null, latest_number: latest?.number ?? null };
}

/** The version or the binding that a command made. */
export function toolAnswer(command: ToolCommand, state: ToolState): { id: string; entity: JsonObject } | null {
  const tool_id = command.meta.stream_id;
  if (command.type === 'tool.create_version') {
    const id = versionIdOf(command);
    const version = state.versions.find(({ version_id }) => version_id === id);
    if (!version) return null;
    const { number, input_schema_json, output_schema_json = null, check_output = true, invoke_config_json } = version;
    return { id, entity: { id, tool_id, number, input_schema_json, output_schema_json, check_output, invoke_config_json: json(invoke_config_json) } };
  }
  if (command.type === 'tool.create_binding') {
    const id = bindingIdOf(command);
    const binding = state.bindings.find(({ binding_id }) => binding_id === id);
    if (!binding) return null;
    const { version_id, name, config_json } = binding;
    return { id, entity: { id, tool_id, tool_version_id: version_id, name, config_json: json(config_json) } };
  }
  return null;
}

/** Configs are JSON objects by their schemas; only their optional fields keep TypeScript from seeing it. */
export const json = (config: object): JsonObject => config as JsonObject;
