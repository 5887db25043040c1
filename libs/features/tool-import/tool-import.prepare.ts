import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { sealConfig } from '@agent-platform/kernel/secret-headers';
import type { ToolImportCommand } from './tool-import.state.ts';

/** Seals the secret headers of what is about to be recorded. */
export async function prepareToolImport(command: ToolImportCommand, { secrets }: Lookup): Promise<ToolImportCommand | Rejection> {
  if (command.type !== 'tool_import.run') return command;
  const { headers, document_headers, base_url, document_url } = command.data;
  const { workspace_id } = command.meta;
  const written = sealConfig({ ...(headers && { headers }), ...(base_url !== undefined && { base_url }) }, '', workspace_id, secrets);
  const fetched = sealConfig(
    { ...(document_headers && { headers: document_headers }), ...(document_url !== undefined && { url: document_url }) },
    '/document',
    workspace_id,
    secrets,
  );
  const problems = [...written.problems, ...fetched.problems];
  const [first] = problems;
  if (first) return reject('invalid', 'tool-config-secret', `The tools can’t be kept: ${first.field} ${first.rule}.`, problems);
  // Sealing changes texts into texts.
  const sealed = {
    ...(headers && { headers: written.config['headers'] as Record<string, string> }),
    ...(document_headers && { document_headers: fetched.config['headers'] as Record<string, string> }),
  };
  return { ...command, data: { ...command.data, ...sealed } };
}
