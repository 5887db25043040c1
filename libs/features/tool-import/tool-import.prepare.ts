import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { sealConfig } from '@agent-platform/kernel/secret-headers';
import type { ToolImportCommand } from './tool-import.decider.ts';

/** Seals the secret headers of what is about to be recorded. */
export async function prepareToolImport(command: ToolImportCommand, { secrets }: Lookup): Promise<ToolImportCommand | Rejection> {
  const { headers, base_url } = command.data;
  const written = { ...(headers && { headers }), ...(base_url !== undefined && { base_url }) };
  const { config, problems } = sealConfig(written, '', command.meta.workspace_id, secrets);
  const [first] = problems;
  if (first) return reject('invalid', 'tool-config-secret', `The tools can’t be kept: ${first.field} ${first.rule}.`, problems);
  // Sealing changes texts into texts.
  return headers ? { ...command, data: { ...command.data, headers: config['headers'] as Record<string, string> } } : command;
}
