import type { Column } from '@agent-platform/kernel/index';
import type { McpServerEvent } from './mcp-server.state.ts';

const NO_OFFER = { authorization_url: null, authorization_expires_at: null };
const NO_TOKEN = { authorized: false, scope: null, token_expires_at: null };
/** Of a server that nobody has ever signed in at. */
export const NO_SIGN_IN = { sign_in: null, issuer: null, wanted_scope: null, ...NO_OFFER, ...NO_TOKEN };

/** Columns of `mcp_servers` that an event of signing in changes; null: none. */
export function signInColumns(event: McpServerEvent): Readonly<Record<string, Column>> | null {
  switch (event.type) {
    case 'mcp_server.authorization_required': {
      const { scope, sign_in, lost, error } = event.data;
      return { sign_in, wanted_scope: scope, error, ...(lost && { status: 'authorization_required', ...NO_TOKEN }) };
    }
    case 'mcp_server.authorization_requested':
      return { sign_in: 'preparing', ...NO_OFFER };
    case 'mcp_server.authorization_prepared': {
      const { authorization_url, expires_at, issuer } = event.data;
      return { sign_in: 'waiting', authorization_url, authorization_expires_at: expires_at, issuer };
    }
    case 'mcp_server.authorization_returned':
      return { sign_in: 'exchanging', ...NO_OFFER };
    case 'mcp_server.authorized': {
      const { by, scope, token_expires_at } = event.data;
      const token = { authorized: true, scope, token_expires_at, error: null };
      return by === 'refresh' ? token : { ...token, status: 'pending', sign_in: null, wanted_scope: null, ...NO_OFFER };
    }
    case 'mcp_server.authorization_failed': {
      const { step, error } = event.data;
      return step === 'renew' ? { error } : { error, sign_in: 'wanted', ...NO_OFFER };
    }
    case 'mcp_server.revocation_requested':
      return { status: 'authorization_required', sign_in: 'wanted', error: null, ...NO_OFFER, ...NO_TOKEN };
    case 'mcp_server.authorization_revoked':
      return {};
    default:
      return null;
  }
}
