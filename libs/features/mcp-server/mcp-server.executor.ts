import type { Effect, Executor, Lookup } from '@agent-platform/kernel/index';
import type { McpPort } from '@agent-platform/ports/mcp.port';
import { discover } from './mcp-server.discovery.ts';
import type { Opening } from './mcp-server.secrets.ts';
import type { ExecutorCommand, McpServerCommand, McpServerEvent, McpServerState } from './mcp-server.state.ts';
import { performStep } from './sign-in.effects.ts';

type Wanted = Pick<McpServerCommand, 'type' | 'data'>;
/** What an effect is asked with: the server as it was then, and the event that asked. */
interface Asked {
  readonly event: Extract<McpServerEvent, { type: 'mcp_server.discovery_started' | 'mcp_server.sign_in_step_started' }>;
  readonly state: McpServerState;
  readonly opening: Opening;
}

const TIMEOUT_MS = 60_000;
/** What makes an executor go on. */
const TRIGGERS = ['created', 'refresh_requested', 'authorization_requested', 'authorization_returned', 'renewal_requested', 'revocation_requested', 'deleted'];

/** Asks servers what they offer, and does the steps of signing in, in the background; what was under way is begun again after a crash. */
export function createMcpServerExecutor(
  mcp: McpPort,
  lookUpSecret: (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>,
): Executor<McpServerState, McpServerCommand, McpServerEvent, Opening> {
  const unbound = (command: Pick<ExecutorCommand, 'type' | 'data'>): Wanted => command;
  return {
    category: 'mcp_server',
    triggers: TRIGGERS.map((verb) => ({ category: 'mcp_server', type: `mcp_server.${verb}` })),
    wake: ({ workspace_id, stream_id }) => ({ stream: { workspace_id, category: 'mcp_server', stream_id } }),
    context: async (_state, { workspace_id }, lookup) => ({
      workspace_id,
      secrets: lookup.secrets,
      secretOf: (name) => lookUpSecret(workspace_id, name, lookup),
    }),
    advance: () => unbound({ type: 'mcp_server.advance', data: {} }),
    recover: ({ status, oauth: { step } }) => (status === 'discovering' || (step?.attempt ?? 0) > 0 ? unbound({ type: 'mcp_server.recover', data: {} }) : null),
    bind: (command) => command,
    effect(event, state, opening): Effect | null {
      if (event.type !== 'mcp_server.discovery_started' && event.type !== 'mcp_server.sign_in_step_started') return null;
      const key = event.type === 'mcp_server.discovery_started' ? keyOf(event.data) : stepKey(event.data);
      return { key, kind: event.type, request: { event, state, opening } satisfies Asked, timeoutMs: TIMEOUT_MS };
    },
    async perform({ request }, context) {
      const { event, state, opening } = request as Asked;
      if (event.type === 'mcp_server.sign_in_step_started') {
        const { step, number } = event.data;
        return unbound({ type: 'mcp_server.record_step', data: { number, outcome: await performStep(step, mcp.oauth, { state, opening }, context) } });
      }
      const { discovery, attempt } = event.data;
      const outcome = await discover(mcp, { state, opening, timeout_ms: TIMEOUT_MS }, context);
      return unbound({ type: 'mcp_server.record', data: { discovery, attempt, outcome } });
    },
    wanted: ({ status, discovery, attempt, oauth: { step, number } }) =>
      new Set([...(status === 'discovering' ? [keyOf({ discovery, attempt })] : []), ...(step && step.attempt > 0 ? [stepKey({ number })] : [])]),
    ended: ({ status, oauth }) => status === 'deleted' && oauth.step === null,
  };
}

const keyOf = ({ discovery, attempt }: { readonly discovery: number; readonly attempt: number }): string => `${discovery}/${attempt}`;
const stepKey = ({ number }: { readonly number: number }): string => `sign-in/${number}`;
