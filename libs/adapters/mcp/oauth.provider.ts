import { ClientCredentialsProvider, type OAuthClientProvider, PrivateKeyJwtProvider } from '@modelcontextprotocol/client';
import type { McpClientCredentials } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import { Failure } from '@agent-platform/kernel/index';

/**
 * Credentials of the platform itself, for one connection: its tokens live as long as that and are written nowhere. The
 * authorization server is found as the MCP server says, and must be the one that the credentials are for.
 */
export function oauthProvider({ issuer, client_id, client_secret, private_key, algorithm = 'RS256', scope }: McpClientCredentials): OAuthClientProvider {
  const known = { clientId: client_id, clientName: 'agent-platform', expectedIssuer: issuer, ...(scope !== undefined && { scope }) };
  if (client_secret !== undefined) return new ClientCredentialsProvider({ ...known, clientSecret: client_secret });
  if (private_key !== undefined) return new PrivateKeyJwtProvider({ ...known, privateKey: private_key, algorithm });
  throw new Failure('invalid', 'mcp-oauth-invalid', 'config.oauth: has neither client_secret nor private_key; give one of them as {{ secrets.<name> }}.');
}
