import { z } from 'zod';
import {
  assertSecureTokenEndpoint,
  type AuthorizationServerMetadata,
  type OAuthClientInformationMixed,
  selectClientAuthMethod,
} from '@modelcontextprotocol/client';

interface Asking {
  readonly metadata?: AuthorizationServerMetadata | undefined;
  readonly clientInformation: OAuthClientInformationMixed;
  readonly fetchFn: typeof fetch;
}

const Methods = z.array(z.string()).optional();
/** Not in the SDK's schema of what all authorization servers say, but kept by it. */
const Revoking = z.object({
  revocation_endpoint: z.url(),
  revocation_endpoint_auth_methods_supported: Methods,
  token_endpoint_auth_methods_supported: Methods,
});

/** Asks an authorization server to forget a token (RFC 7009), which the SDK has no helper for. False: it can't, or would not. */
export async function revokeToken(token: string, { metadata, clientInformation, fetchFn }: Asking): Promise<boolean> {
  const revoking = Revoking.safeParse(metadata);
  if (!revoking.success) return false;
  const { revocation_endpoint, revocation_endpoint_auth_methods_supported, token_endpoint_auth_methods_supported: others = [] } = revoking.data;
  const { client_id, client_secret = '' } = clientInformation;
  const method = selectClientAuthMethod(clientInformation, revocation_endpoint_auth_methods_supported ?? others);
  const body = new URLSearchParams({ token });
  const headers = new Headers();
  if (method === 'client_secret_basic') headers.set('authorization', `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`);
  else body.set('client_id', client_id);
  if (method === 'client_secret_post') body.set('client_secret', client_secret);
  const answer = await fetchFn(assertSecureTokenEndpoint(revocation_endpoint), { method: 'POST', headers, body });
  await answer.body?.cancel();
  return answer.ok;
}
