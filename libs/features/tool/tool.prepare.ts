import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { type SecretProblem, sealConfig } from '@agent-platform/kernel/secret-headers';
import type { ToolCommand } from './tool.state.ts';
import { json } from './tool.view.ts';

const refuse = (problems: readonly SecretProblem[]): Rejection =>
  reject('invalid', 'tool-config-secret', `The config can’t be kept: ${problems[0]?.field ?? ''} ${problems[0]?.rule ?? ''}.`, problems);

/** Seals the secrets of what is about to be recorded. */
export async function prepareTool(command: ToolCommand, { secrets }: Lookup): Promise<ToolCommand | Rejection> {
  const { workspace_id } = command.meta;
  if (command.type === 'tool.create_version') {
    const { config, problems } = sealConfig(json(command.data.invoke_config_json), '/invoke_config_json', workspace_id, secrets);
    return problems.length > 0 ? refuse(problems) : { ...command, data: { ...command.data, invoke_config_json: config } };
  }
  if (command.type === 'tool.create_binding') {
    const { config, problems } = sealConfig(json(command.data.config_json), '/config_json', workspace_id, secrets);
    return problems.length > 0 ? refuse(problems) : { ...command, data: { ...command.data, config_json: config } };
  }
  return command;
}
