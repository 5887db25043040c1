import type { ResolvedTool } from '@agent-platform/nodes/node';
import type { ToolState } from '@agent-platform/tool/index';
import { resolveTool } from '@agent-platform/tool/tool.resolve';
import type { Gateway } from '../gateway.ts';

/** A tool as MCP clients call it, through its newest binding when it has one, as the log has it now; null when it can't be called. */
export async function calledTool(gateway: Gateway, workspace_id: string, tool_id: string): Promise<ResolvedTool | null> {
  const { state } = await gateway.states.load(gateway.features.of('tool'), { workspace_id, category: 'tool', stream_id: tool_id });
  // The stream's category says whose state it is.
  const tool = state as ToolState;
  const binding_id = tool.bindings.at(-1)?.binding_id;
  return resolveTool(tool, tool_id, binding_id === undefined ? {} : { binding_id });
}
