import type { EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { SignInStep } from '@agent-platform/contracts/mcp-server/mcp-authorization';
import type { mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';

type McpServerEvent = EventOf<typeof mcpServerContract>;
type Data<T extends McpServerEvent['type']> = Extract<McpServerEvent, { type: T }>['data'];

export interface Token extends Omit<Data<'mcp_server.authorized'>, 'by'> {
  /** Tokens are counted: by this one a call says which was refused. */
  readonly number: number;
}

/** How a person stands with the authorization server of an MCP server. Whatever is secret is sealed. */
export interface SignInState {
  /** What a sign-in waits for; null: none is wanted. */
  readonly sign_in: 'wanted' | 'preparing' | 'waiting' | 'exchanging' | null;
  /** What is to be done outside, one at a time: `attempt` 0 is not begun. `number` counts what was begun. */
  readonly step: { readonly kind: SignInStep; readonly attempt: number } | null;
  readonly number: number;
  readonly asked: Data<'mcp_server.authorization_requested'> | null;
  readonly offer: Data<'mcp_server.authorization_prepared'> | null;
  readonly returned: Data<'mcp_server.authorization_returned'> | null;
  readonly token: Token | null;
  /** One that is used no more, until the authorization server was told. */
  readonly farewell: Token | null;
  readonly tokens: number;
  /** Renewals that failed without the token being lost. */
  readonly failures: number;
  readonly issuer: string | null;
  readonly wanted_scope: string | null;
  readonly resource_metadata: string | null;
  /** The token was refused to a discovery, or expires before it: what came of renewing it, until that discovery has ended. */
  readonly doubt: 'renewing' | 'renewed' | 'failed' | null;
}

export const initialSignIn: SignInState = {
  sign_in: null,
  step: null,
  number: 0,
  asked: null,
  offer: null,
  returned: null,
  token: null,
  farewell: null,
  tokens: 0,
  failures: 0,
  issuer: null,
  wanted_scope: null,
  resource_metadata: null,
  doubt: null,
};

export function evolveSignIn(state: SignInState, event: McpServerEvent): SignInState {
  switch (event.type) {
    case 'mcp_server.authorization_required': {
      const { scope: wanted_scope, resource_metadata, sign_in, lost } = event.data;
      return {
        ...state,
        sign_in,
        wanted_scope,
        resource_metadata,
        ...(lost && { token: null, doubt: null }),
        ...(lost && state.step?.kind === 'renew' && { step: null }),
      };
    }
    case 'mcp_server.authorization_requested':
      return { ...state, sign_in: 'preparing', step: { kind: 'prepare', attempt: 0 }, asked: event.data, offer: null };
    case 'mcp_server.sign_in_step_started':
      return { ...state, step: { kind: event.data.step, attempt: event.data.attempt }, number: event.data.number };
    case 'mcp_server.authorization_prepared':
      return { ...state, sign_in: 'waiting', step: null, offer: event.data, issuer: event.data.issuer };
    case 'mcp_server.authorization_returned':
      return { ...state, sign_in: 'exchanging', step: { kind: 'exchange', attempt: 0 }, returned: event.data };
    case 'mcp_server.authorized': {
      const { by, ...token } = event.data;
      const known = { ...state, step: null, token: { ...token, number: state.tokens + 1 }, tokens: state.tokens + 1 };
      if (by === 'refresh') return { ...known, doubt: state.doubt === 'renewing' ? 'renewed' : state.doubt };
      return { ...known, sign_in: null, offer: null, returned: null, wanted_scope: null, doubt: null };
    }
    case 'mcp_server.authorization_failed':
      if (event.data.step === 'renew')
        return { ...state, step: null, failures: state.failures + 1, doubt: state.doubt === 'renewing' ? 'failed' : state.doubt };
      return { ...state, step: null, sign_in: 'wanted', offer: null, returned: null };
    case 'mcp_server.renewal_requested':
      return { ...state, step: { kind: 'renew', attempt: 0 }, doubt: event.data.discovering ? 'renewing' : state.doubt };
    case 'mcp_server.revocation_requested':
      return { ...state, sign_in: 'wanted', step: { kind: 'revoke', attempt: 0 }, farewell: state.token, token: null, offer: null, returned: null };
    case 'mcp_server.authorization_revoked':
      return { ...state, step: null, farewell: null };
    case 'mcp_server.discovered':
    case 'mcp_server.discovery_failed':
      return { ...state, doubt: null };
    case 'mcp_server.deleted': {
      // The last thing that is done for a server is to have its tokens forgotten.
      const farewell = state.token ?? state.farewell;
      if (farewell === null) return initialSignIn;
      const step = state.step?.kind === 'revoke' ? state.step : { kind: 'revoke' as const, attempt: 0 };
      return { ...initialSignIn, number: state.number, step, farewell };
    }
    default:
      return state;
  }
}

/** As commands answer it, without anything that is sealed. */
export function signInView({ sign_in, offer, token, issuer, wanted_scope }: SignInState): JsonObject {
  const open = sign_in === 'waiting' ? offer : null;
  return {
    authorized: token !== null,
    sign_in,
    authorization_url: open?.authorization_url ?? null,
    authorization_expires_at: open?.expires_at ?? null,
    issuer,
    scope: token?.scope ?? null,
    wanted_scope,
    token_expires_at: token?.token_expires_at ?? null,
  };
}
