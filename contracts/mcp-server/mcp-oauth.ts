import { z } from 'zod';

const issuer = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .meta({ description: 'The one authorization server that the credentials are for; they are sent to no other' });
const client_id = z.string().min(1).max(500);
const client_secret = z.string().min(1).max(8000).meta({ description: '{{ secrets.<name> }}' });
const scope = z.string().max(1000);

/** Credentials that the platform itself has at an authorization server (OAuth 2, client credentials). */
const ClientCredentials = z.strictObject({
  grant: z.literal('client_credentials').optional(),
  issuer,
  client_id,
  client_secret: client_secret.optional(),
  private_key: z.string().min(1).max(20_000).optional().meta({ description: '{{ secrets.<name> }}: a PEM that signs assertions, instead of client_secret' }),
  algorithm: z
    .string()
    .regex(/^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$/)
    .optional()
    .meta({ description: 'Of private_key; RS256 when absent' }),
  scope: scope.optional(),
});

/** What is known beforehand of the authorization server at which a person signs in. All of it may be left to discovery and registration. */
const AuthorizationCode = z.strictObject({
  grant: z.literal('authorization_code'),
  issuer: issuer.optional(),
  client_id: client_id.optional().meta({ description: 'Of a client that was registered by hand; then `issuer` is needed, too' }),
  client_secret: client_secret.optional(),
  scope: scope.optional().meta({ description: 'Asked for instead of what the server names' }),
});

export const McpOAuth = z.discriminatedUnion('grant', [ClientCredentials, AuthorizationCode]).meta({ id: 'McpOAuth' });
export type McpOAuth = z.output<typeof McpOAuth>;
export type McpClientCredentials = z.output<typeof ClientCredentials>;
export type McpAuthorizationCode = z.output<typeof AuthorizationCode>;

/** How the platform describes itself to authorization servers. */
export const describeClient = (redirect_uri: string) => ({
  client_name: 'Agent Platform',
  redirect_uris: [redirect_uri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
});

/** Whether the platform signs in by itself, and no person has to. */
export const signsInItself = (oauth: McpOAuth | undefined): oauth is McpClientCredentials => oauth !== undefined && oauth.grant !== 'authorization_code';
