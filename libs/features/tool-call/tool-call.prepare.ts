import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { sealConfig } from '@agent-platform/kernel/secret-headers';
import type { ToolCallCommand } from './tool-call.state.ts';

/** Seals the secret headers of what is about to be recorded. */
export async function prepareToolCall(command: ToolCallCommand, { secrets }: Lookup): Promise<ToolCallCommand | Rejection> {
  if (command.type !== 'tool_call.create' || !command.data.headers) return command;
  const { config, problems } = sealConfig({ headers: command.data.headers }, '', command.meta.workspace_id, secrets);
  const [first] = problems;
  if (first) return reject('invalid', 'tool-config-secret', `The call can’t be kept: ${first.field} ${first.rule}.`, problems);
  // Sealing changes texts into texts.
  return { ...command, data: { ...command.data, headers: config['headers'] as JsonObject as Record<string, string> } };
}
