import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { sealConfig } from '@agent-platform/kernel/secret-headers';
import { secretProblems } from './mcp-server.secrets.ts';
import type { McpServerCommand } from './mcp-server.state.ts';
import { sealFor } from './sign-in.seal.ts';

/** Seals the secret headers of a server, before anything is decided or recorded. */
export async function prepareMcpServer(command: McpServerCommand, { secrets }: Lookup): Promise<McpServerCommand | Rejection> {
  if (command.type !== 'mcp_server.create' || command.data.config.transport === 'stdio') return command;
  // JSON by its schema, before and after.
  const { config, problems: unsealed } = sealConfig(command.data.config as unknown as JsonObject, '/config', command.meta.workspace_id, secrets);
  const problems = [...secretProblems(command.data.config), ...unsealed];
  if (problems.length === 0) return { ...command, data: { ...command.data, config: config as unknown as McpServerConfig } };
  return reject('invalid', 'mcp-server-secret', `The config can’t be kept: ${problems[0]?.field ?? ''} ${problems[0]?.rule ?? ''}.`, problems);
}

/** Seals the code that a browser came back with: until it is exchanged it is as good as the tokens. */
export async function prepareCode(command: McpServerCommand, { secrets }: Lookup): Promise<McpServerCommand> {
  if (command.type !== 'mcp_server.finish_authorization' || command.data.code === undefined) return command;
  const { workspace_id, stream_id } = command.meta;
  return { ...command, data: { ...command.data, code: sealFor(secrets, workspace_id, stream_id).seal(command.data.code) } };
}
