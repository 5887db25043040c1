import type { CommandOf, EventOf } from '@agent-platform/contracts/kit/index';
import type { toolContract } from '@agent-platform/contracts/tool/tool.contract';

export type ToolCommand = CommandOf<typeof toolContract>;
export type ToolEvent = EventOf<typeof toolContract>;
export type VersionData = Extract<ToolEvent, { type: 'tool.version_created' }>['data'];
export type BindingData = Extract<ToolEvent, { type: 'tool.binding_created' }>['data'];

export interface ToolFields {
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
}

export interface ToolState {
  readonly status: 'none' | 'active' | 'deleted';
  readonly fields: ToolFields;
  readonly tool_type: string;
  /** In the order they were made: the last one is the newest. */
  readonly versions: readonly VersionData[];
  readonly bindings: readonly BindingData[];
}

export const initialTool: ToolState = {
  status: 'none',
  fields: { code: '', name: '', description: null },
  tool_type: 'http',
  versions: [],
  bindings: [],
};

export function evolveTool(state: ToolState, event: ToolEvent): ToolState {
  switch (event.type) {
    case 'tool.created': {
      const { tool_type, ...fields } = event.data;
      return { ...state, status: 'active', fields, tool_type };
    }
    case 'tool.updated': {
      const { code = state.fields.code, name = state.fields.name, description = state.fields.description } = event.data;
      return { ...state, fields: { code, name, description } };
    }
    case 'tool.deleted':
      return { ...state, status: 'deleted' };
    case 'tool.version_created':
      return { ...state, versions: [...state.versions, event.data] };
    case 'tool.binding_created':
      return { ...state, bindings: [...state.bindings, event.data] };
  }
}
