import { Failure } from '@agent-platform/kernel/index';
import type { SecretPlace, Secrets } from '@agent-platform/kernel/secrets';
import type { McpTokens } from '@agent-platform/ports/mcp-oauth.port';

/** Where what belongs to signing in at a server is sealed for. The colon keeps it apart from headers, whose names can't have one. */
const placeOf = (workspace_id: string, mcp_server_id: string): SecretPlace => ({ workspace_id, name: `mcp_server:${mcp_server_id}` });

/** Tokens as they are kept, with what renewing them needs. */
export type KeptTokens = Pick<McpTokens, 'access_token' | 'refresh_token'> & { readonly memory: string };

/** Seals and opens what belongs to one server. Throws Failure('fault', 'secrets-locked') and ('invalid', 'secret-unreadable'). */
export function sealFor(secrets: Secrets | undefined, workspace_id: string, mcp_server_id: string) {
  const place = placeOf(workspace_id, mcp_server_id);
  if (!secrets) throw new Failure('fault', 'secrets-locked', 'This process has no key for secrets, so it must not record any.');
  const open = (sealed: string): string => {
    const opened = secrets.open(place, sealed);
    if (opened === null) throw new Failure('invalid', 'secret-unreadable', 'The authorization was sealed with another key: revoke it, and sign in again.');
    return opened;
  };
  return {
    seal: (text: string): string => secrets.seal(place, text),
    open,
    sealTokens: (tokens: KeptTokens): string => secrets.seal(place, JSON.stringify(tokens)),
    // Only `sealTokens` makes them.
    openTokens: (sealed: string): KeptTokens => JSON.parse(open(sealed)) as KeptTokens,
  };
}
