import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { type Effect, type EffectContext, type Executor, Failure, type Lookup, toFailure } from '@agent-platform/kernel/index';
import { mapSecretHeaders } from '@agent-platform/kernel/secret-headers';
import { isSealed, type Secrets } from '@agent-platform/kernel/secrets';
import { withoutSecrets } from '@agent-platform/nodes/secret-scrub';
import type { McpPort } from '@agent-platform/ports/mcp.port';
import { fillConfig } from './mcp-server.secrets.ts';
import type { DiscoveryOutcome, ExecutorCommand, McpServerCommand, McpServerEvent, McpServerState } from './mcp-server.state.ts';

type Wanted = Pick<McpServerCommand, 'type' | 'data'>;
interface Context {
  readonly secrets: Secrets | undefined;
  /** Value of a named secret as it is now, for the moment of the question. */
  readonly secretOf: (name: string) => Promise<string | null>;
}
interface Asked extends Context {
  readonly discovery: number;
  readonly attempt: number;
  readonly config: McpServerConfig;
}

const TIMEOUT_MS = 60_000;
const MESSAGE = 1_000;

/** Asks servers what they offer, in the background; asking twice does no harm, so a discovery is begun again after a crash. */
export function createMcpServerExecutor(
  mcp: McpPort,
  lookUpSecret: (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>,
): Executor<McpServerState, McpServerCommand, McpServerEvent, Context> {
  const unbound = (command: Pick<ExecutorCommand, 'type' | 'data'>): Wanted => command;
  return {
    category: 'mcp_server',
    triggers: ['mcp_server.created', 'mcp_server.refresh_requested', 'mcp_server.deleted'].map((type) => ({ category: 'mcp_server', type })),
    wake: ({ workspace_id, stream_id }) => ({ stream: { workspace_id, category: 'mcp_server', stream_id } }),
    context: async (_state, { workspace_id }, lookup) => ({ secrets: lookup.secrets, secretOf: (name) => lookUpSecret(workspace_id, name, lookup) }),
    advance: () => unbound({ type: 'mcp_server.advance', data: {} }),
    recover: ({ status }) => (status === 'discovering' ? unbound({ type: 'mcp_server.recover', data: {} }) : null),
    bind: (command) => command,
    effect(event, { config }, context): Effect | null {
      if (event.type !== 'mcp_server.discovery_started' || config === null) return null;
      return { key: keyOf(event.data), kind: 'mcp_discovery', request: { ...event.data, config, ...context } satisfies Asked, timeoutMs: TIMEOUT_MS };
    },
    async perform(effect, context) {
      const asked = effect.request as Asked;
      const { discovery, attempt } = asked;
      return unbound({ type: 'mcp_server.record', data: { discovery, attempt, outcome: await discover(mcp, asked, context) } });
    },
    wanted: (state) => new Set(state.status === 'discovering' ? [keyOf(state)] : []),
    ended: ({ status }) => status === 'deleted',
  };
}

const keyOf = ({ discovery, attempt }: { readonly discovery: number; readonly attempt: number }): string => `${discovery}/${attempt}`;

async function discover(mcp: McpPort, asked: Asked, context: EffectContext): Promise<DiscoveryOutcome> {
  const { signal, stream } = context;
  const used: string[] = [];
  try {
    const opened = openConfig(asked.config, stream.workspace_id, asked.secrets, used);
    const config = await fillConfig(opened, asked.secretOf, used);
    const catalog = await mcp.discover(config, { signal, timeout_ms: TIMEOUT_MS, scope: stream.workspace_id });
    return { status: 'completed', catalog: withoutSecrets(catalog, used) };
  } catch (error) {
    // A shutdown must not be recorded as the server's failure.
    if (signal.aborted && !context.timedOut()) throw error;
    const { code, message } = toFailure(error);
    return { status: 'failed', error: withoutSecrets({ code, message: message.slice(0, MESSAGE) }, used) };
  }
}

/** The config with its headers in clear, for the question alone; what was opened is added to `used`. */
function openConfig(config: McpServerConfig, workspace_id: string, secrets: Secrets | undefined, used: string[]): McpServerConfig {
  // JSON by its schema, before and after.
  return mapSecretHeaders(config as unknown as JsonObject, (name, text) => {
    if (!isSealed(text)) return text;
    const opened = secrets?.open({ workspace_id, name }, text) ?? null;
    if (opened === null) throw new Failure('invalid', 'secret-unreadable', `config.headers.${name}: was sealed with another key; create the server anew.`);
    used.push(opened);
    return opened;
  }) as unknown as McpServerConfig;
}
