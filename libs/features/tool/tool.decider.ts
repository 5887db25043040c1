import { isDeepStrictEqual } from 'node:util';
import { changes, isRejection, partId, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import { evolveTool, initialTool, type BindingData, type ToolCommand, type ToolEvent, type ToolState, type VersionData } from './tool.state.ts';

type Of<T extends ToolCommand['type']> = Extract<ToolCommand, { type: T }>;

function decide(command: ToolCommand, state: ToolState): Decision<ToolEvent> {
  if (command.type === 'tool.create') return create(command, state);
  if (command.type === 'tool.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return notFound(command.meta.stream_id);
  switch (command.type) {
    case 'tool.update': {
      const { tool_id: _, ...wanted } = command.data;
      const changed = changes(state.fields, wanted);
      return Object.keys(changed).length === 0 ? [] : [{ type: 'tool.updated', data: changed }];
    }
    case 'tool.delete':
      return [{ type: 'tool.deleted', data: {} }];
    case 'tool.create_version':
      return createVersion(command, state);
    case 'tool.create_binding':
      return createBinding(command, state);
  }
}

const notFound = (id: string): Rejection => reject('missing', 'tool-not-found', `There is no tool "${id}" in this workspace.`);

function create({ data, meta }: Of<'tool.create'>, state: ToolState): Decision<ToolEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'tool-exists', `The id "${meta.stream_id}" belongs to a tool already, maybe a deleted one: take another tool_id.`);
  }
  const { code, name, tool_type, description = null } = data;
  return [{ type: 'tool.created', data: { code, name, tool_type, description } }];
}

/** Id of the version that a command makes. */
export const versionIdOf = ({ data, meta }: Of<'tool.create_version'>): string => data.tool_version_id ?? partId(meta, 'tool_version');

/** Id of the binding that a command makes. */
export const bindingIdOf = ({ data, meta }: Of<'tool.create_binding'>): string => data.tool_binding_id ?? partId(meta, 'tool_binding');

/** How a tool of its type is called: an MCP server is spoken to over streamable HTTP when nothing else is said. */
function invokeConfigOf({ data }: Of<'tool.create_version'>, { tool_type }: ToolState): VersionData['invoke_config_json'] | Rejection {
  const { invoke_config_json: config } = data;
  if (tool_type === 'mcp') return { transport: 'streamable_http', ...config };
  const [field] = (['transport', 'tool'] as const).filter((name) => config[name] !== undefined);
  if (field === undefined) return config;
  const rule = 'is for tools of the type mcp only';
  return reject('invalid', 'tool-config-type', `invoke_config_json.${field} ${rule}.`, [
    { field: `/invoke_config_json/${field}`, rule, remedy: 'leave it out, or create a tool with tool_type mcp' },
  ]);
}

function createVersion(command: Of<'tool.create_version'>, state: ToolState): Decision<ToolEvent> {
  const { input_schema_json, output_schema_json, check_output } = command.data;
  const invoke_config_json = invokeConfigOf(command, state);
  if (isRejection(invoke_config_json)) return invoke_config_json;
  const version_id = versionIdOf(command);
  const there = state.versions.find((version) => version.version_id === version_id);
  const version: VersionData = {
    version_id,
    number: there?.number ?? state.versions.length + 1,
    input_schema_json,
    ...(output_schema_json && { output_schema_json }),
    ...(check_output === false && { check_output }),
    invoke_config_json,
  };
  if (!there) return [{ type: 'tool.version_created', data: version }];
  if (isDeepStrictEqual(version, there)) return [];
  return reject(
    'conflict',
    'tool-version-exists',
    `Version "${version_id}" exists with other contents, and versions never change: take another tool_version_id.`,
  );
}

function createBinding(command: Of<'tool.create_binding'>, state: ToolState): Decision<ToolEvent> {
  const { tool_version_id: version_id = null, name = null, config_json } = command.data;
  if (version_id !== null && !state.versions.some((version) => version.version_id === version_id)) {
    return reject('missing', 'tool-version-not-found', `Tool "${command.meta.stream_id}" has no version "${version_id}".`);
  }
  const binding_id = bindingIdOf(command);
  const there = state.bindings.find((binding) => binding.binding_id === binding_id);
  const binding: BindingData = { binding_id, version_id, name, config_json };
  if (!there) return [{ type: 'tool.binding_created', data: binding }];
  if (isDeepStrictEqual(binding, there)) return [];
  return reject(
    'conflict',
    'tool-binding-exists',
    `Binding "${binding_id}" exists with other contents, and bindings never change: take another tool_binding_id.`,
  );
}

export const toolDecider: Decider<ToolState, ToolCommand, ToolEvent> = { initial: initialTool, decide, evolve: evolveTool };
