import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { type Effect, type EffectContext, type Executor, Failure, toFailure } from '@agent-platform/kernel/index';
import { mapSecretHeaders } from '@agent-platform/kernel/secret-headers';
import { isSealed, type Secrets } from '@agent-platform/kernel/secrets';
import type { McpPort } from '@agent-platform/ports/mcp.port';
import type { DiscoveryOutcome, ExecutorCommand, McpServerCommand, McpServerEvent, McpServerState } from './mcp-server.state.ts';

type Wanted = Pick<McpServerCommand, 'type' | 'data'>;
type Context = { readonly secrets: Secrets | undefined };
interface Asked {
  readonly discovery: number;
  readonly attempt: number;
  readonly config: McpServerConfig;
  readonly secrets: Secrets | undefined;
}

const TIMEOUT_MS = 60_000;
const MESSAGE = 1_000;

/** Asks servers what they offer, in the background; asking twice does no harm, so a discovery is begun again after a crash. */
export function createMcpServerExecutor(mcp: McpPort): Executor<McpServerState, McpServerCommand, McpServerEvent, Context> {
  const unbound = (command: Pick<ExecutorCommand, 'type' | 'data'>): Wanted => command;
  return {
    category: 'mcp_server',
    triggers: ['mcp_server.created', 'mcp_server.refresh_requested', 'mcp_server.deleted'].map((type) => ({ category: 'mcp_server', type })),
    wake: ({ workspace_id, stream_id }) => ({ stream: { workspace_id, category: 'mcp_server', stream_id } }),
    context: async (_state, _stream, { secrets }) => ({ secrets }),
    advance: () => unbound({ type: 'mcp_server.advance', data: {} }),
    recover: ({ status }) => (status === 'discovering' ? unbound({ type: 'mcp_server.recover', data: {} }) : null),
    bind: (command) => command,
    effect(event, { config }, { secrets }): Effect | null {
      if (event.type !== 'mcp_server.discovery_started' || config === null) return null;
      return { key: keyOf(event.data), kind: 'mcp_discovery', request: { ...event.data, config, secrets } satisfies Asked, timeoutMs: TIMEOUT_MS };
    },
    async perform(effect, context) {
      const { discovery, attempt, config, secrets } = effect.request as Asked;
      const outcome = await discover(mcp, config, secrets, context);
      return unbound({ type: 'mcp_server.record', data: { discovery, attempt, outcome } });
    },
    wanted: (state) => new Set(state.status === 'discovering' ? [keyOf(state)] : []),
    ended: ({ status }) => status === 'deleted',
  };
}

const keyOf = ({ discovery, attempt }: { readonly discovery: number; readonly attempt: number }): string => `${discovery}/${attempt}`;

async function discover(mcp: McpPort, config: McpServerConfig, secrets: Secrets | undefined, context: EffectContext): Promise<DiscoveryOutcome> {
  const { signal, stream } = context;
  try {
    return { status: 'completed', catalog: await mcp.discover(openConfig(config, stream.workspace_id, secrets), { signal, timeout_ms: TIMEOUT_MS }) };
  } catch (error) {
    // A shutdown must not be recorded as the server's failure.
    if (signal.aborted && !context.timedOut()) throw error;
    const { code, message } = toFailure(error);
    return { status: 'failed', error: { code, message: message.slice(0, MESSAGE) } };
  }
}

/** The config with its headers in clear, for the question alone. */
function openConfig(config: McpServerConfig, workspace_id: string, secrets: Secrets | undefined): McpServerConfig {
  // JSON by its schema, before and after.
  return mapSecretHeaders(config as unknown as JsonObject, (name, text) => {
    if (!isSealed(text)) return text;
    const opened = secrets?.open({ workspace_id, name }, text) ?? null;
    if (opened === null) throw new Failure('invalid', 'secret-unreadable', `config.headers.${name}: was sealed with another key; create the server anew.`);
    return opened;
  }) as unknown as McpServerConfig;
}
