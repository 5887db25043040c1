import type { Command, CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpCatalog, McpServerConfig, mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import type { McpChallenge } from '@agent-platform/ports/mcp-oauth.port';
import { evolveSignIn, initialSignIn, type SignInState, signInView } from './sign-in.state.ts';

export type McpServerEvent = EventOf<typeof mcpServerContract>;

interface ErrorText {
  readonly code: string;
  readonly message: string;
}

export type DiscoveryOutcome =
  | { readonly status: 'completed'; readonly catalog: McpCatalog }
  | { readonly status: 'challenged'; readonly challenge: McpChallenge; readonly error: ErrorText }
  | { readonly status: 'failed'; readonly error: ErrorText };

/** What came of a step of signing in. `sealed` is what the next one needs, and the tokens. */
export type StepOutcome =
  | { readonly status: 'prepared'; readonly authorization_url: string; readonly state: string; readonly issuer: string; readonly sealed: string }
  | { readonly status: 'authorized'; readonly expires_in: number | null; readonly scope: string | null; readonly renewable: boolean; readonly sealed: string }
  | { readonly status: 'revoked'; readonly told: boolean }
  | { readonly status: 'failed'; readonly error: ErrorText };

/** What only the executor says. */
export type ExecutorCommand =
  | Command<'mcp_server.advance', object>
  | Command<'mcp_server.recover', object>
  | Command<'mcp_server.record', { readonly discovery: number; readonly attempt: number; readonly outcome: DiscoveryOutcome }>
  | Command<'mcp_server.record_step', { readonly number: number; readonly outcome: StepOutcome }>;

export type McpServerCommand = CommandOf<typeof mcpServerContract> | ExecutorCommand;

export interface McpServerState {
  readonly status: 'none' | 'pending' | 'discovering' | 'ready' | 'failed' | 'authorization_required' | 'deleted';
  readonly name: string;
  readonly config: McpServerConfig | null;
  /** Discoveries begun so far, and how often the newest one was. */
  readonly discovery: number;
  readonly attempt: number;
  readonly catalog: McpCatalog | null;
  readonly error: ErrorText | null;
  readonly oauth: SignInState;
}

export const initialMcpServer: McpServerState = {
  status: 'none',
  name: '',
  config: null,
  discovery: 0,
  attempt: 0,
  catalog: null,
  error: null,
  oauth: initialSignIn,
};

export const evolveMcpServer = (state: McpServerState, event: McpServerEvent): McpServerState => ({
  ...evolveServer(state, event),
  oauth: evolveSignIn(state.oauth, event),
});

function evolveServer(state: McpServerState, event: McpServerEvent): McpServerState {
  switch (event.type) {
    case 'mcp_server.created':
      return { ...state, ...event.data, status: 'pending' };
    case 'mcp_server.refresh_requested':
      return { ...state, status: 'pending' };
    case 'mcp_server.discovery_started':
      return { ...state, ...event.data, status: 'discovering' };
    case 'mcp_server.discovered':
      return { ...state, status: 'ready', catalog: event.data.catalog, error: null };
    case 'mcp_server.discovery_failed':
      return { ...state, status: 'failed', error: event.data.error };
    case 'mcp_server.authorization_required':
      return { ...state, error: event.data.error, ...(event.data.lost && { status: 'authorization_required' }) };
    case 'mcp_server.authorization_failed':
      return { ...state, error: event.data.error };
    case 'mcp_server.authorized':
      return { ...state, error: null, ...(event.data.by === 'code' && { status: 'pending' }) };
    case 'mcp_server.revocation_requested':
      return { ...state, status: 'authorization_required', error: null };
    case 'mcp_server.deleted':
      return { ...state, status: 'deleted', catalog: null };
    default:
      return state;
  }
}

/** The server as commands answer it. */
export function mcpServerView({ status, name, config, catalog, error, oauth }: McpServerState, id: string): JsonObject | null {
  if (status === 'none' || status === 'deleted') return null;
  // By their schemas both are JSON; only optional fields keep TypeScript from seeing it.
  return {
    id,
    name,
    config: config as unknown as JsonObject,
    status,
    catalog: catalog as unknown as JsonObject | null,
    error: error && { ...error },
    ...signInView(oauth),
  };
}
