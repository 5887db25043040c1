import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { InvokeConfigJson } from '@agent-platform/contracts/tool/tool.contract';
import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { sealConfig } from '@agent-platform/kernel/secret-headers';
import type { ResolvedTool, ToolRef } from '@agent-platform/nodes/node';
import { refOf } from './tool-call.decider.ts';
import type { ToolCallCommand } from './tool-call.state.ts';

/** Finds a tool as it is now; null when there is none. Given from outside: features do not know each other. */
export type ToolLookup = (workspaceId: string, ref: ToolRef, lookup: Lookup) => Promise<ResolvedTool | null>;

/** Finds out whether a person will be asked, so that the caller can be told at once, and seals the secret headers of what is about to be recorded. */
export const createPrepare =
  (tools: ToolLookup) =>
  async (command: ToolCallCommand, lookup: Lookup): Promise<ToolCallCommand | Rejection> => {
    if (command.type !== 'tool_call.create') return command;
    const { data, meta } = command;
    const ref = data.mcp ? null : refOf(data);
    const tool = ref && (await tools(meta.workspace_id, ref, lookup));
    const invoke = InvokeConfigJson.safeParse(tool?.version.invoke_config_json);
    const prepared = { ...data, ...(invoke.data?.requires_approval && { requires_approval: true as const }) };
    if (!data.headers) return { ...command, data: prepared };
    const { config, problems } = sealConfig({ headers: data.headers }, '', meta.workspace_id, lookup.secrets);
    const [first] = problems;
    if (first) return reject('invalid', 'tool-config-secret', `The call can’t be kept: ${first.field} ${first.rule}.`, problems);
    // Sealing changes texts into texts.
    return { ...command, data: { ...prepared, headers: config['headers'] as JsonObject as Record<string, string> } };
  };
