import { z } from 'zod';
import { Id, Time } from '../kit/index.ts';

/*
 * How a person signs in at the authorization server of an MCP server (OAuth 2.1, authorization code with PKCE). Whatever
 * is secret in events, and in commands once they are prepared, is sealed.
 */
const Sealed = z.string().regex(/^sealed\.v[12]\./, 'must be sealed');
const HttpUrl = z.url({ protocol: /^https?$/ }).max(2000);
const Scope = z.string().max(2000);
const McpError = z.object({ code: z.string(), message: z.string() });

/** What is done outside, one at a time. */
export const SignInStep = z.enum(['prepare', 'exchange', 'renew', 'revoke']);
export type SignInStep = z.output<typeof SignInStep>;

const SignIn = z.enum(['wanted', 'preparing', 'waiting', 'exchanging']).meta({ description: 'What the sign-in waits for' });

const target = { mcp_server_id: Id };
/** Which token is meant: they are counted. */
const token = z.int().min(1);

export const authorizationEvents = {
  'mcp_server.authorization_required': {
    summary: 'The server wants a person to sign in: for the first time, again, or for more.',
    version: 1,
    data: z.object({
      scope: Scope.nullable().meta({ description: 'To be asked for: what is granted, and what the server named; null: the servers know' }),
      resource_metadata: z.string().max(2000).nullable(),
      sign_in: SignIn,
      lost: z.boolean().meta({ description: 'There is no token that the server takes; else it wants more only for some calls' }),
      error: McpError,
    }),
  },
  'mcp_server.authorization_requested': {
    summary: 'Somebody asked for the address at which a person signs in.',
    version: 1,
    data: z.object({ redirect_uri: HttpUrl, client_metadata_url: HttpUrl.optional() }),
  },
  'mcp_server.sign_in_step_started': {
    summary: 'The authorization server is asked: for the address, for tokens, for new ones, or to forget them.',
    version: 1,
    data: z.object({ step: SignInStep, number: z.int().min(1).meta({ description: 'Counts what was begun' }), attempt: z.int().min(1) }),
  },
  'mcp_server.authorization_prepared': {
    summary: 'A person can sign in at this address, until it expires.',
    version: 1,
    data: z.object({ authorization_url: z.string(), state: z.string(), expires_at: Time, issuer: z.string(), sealed: Sealed }),
  },
  'mcp_server.authorization_returned': {
    summary: 'A person has signed in; the code is to be exchanged for tokens.',
    version: 1,
    data: z.object({ code: Sealed, iss: z.string().optional() }),
  },
  'mcp_server.authorized': {
    summary: 'There is a new token: what the server offers is looked up with it.',
    version: 1,
    data: z.object({
      by: z.enum(['code', 'refresh']),
      scope: Scope.nullable(),
      token_expires_at: Time.nullable(),
      renewable: z.boolean(),
      sealed: Sealed,
    }),
  },
  'mcp_server.authorization_failed': {
    summary: 'A step of signing in failed, or the person declined; tokens that there were stay.',
    version: 1,
    data: z.object({ step: SignInStep, error: McpError }),
  },
  'mcp_server.renewal_requested': {
    summary: 'The token is to be renewed: it expires, or was refused.',
    version: 1,
    data: z.object({ token, discovering: z.boolean() }),
  },
  'mcp_server.revocation_requested': {
    summary: 'The tokens are used no more, and the authorization server is to forget them.',
    version: 1,
    data: z.object({}),
  },
  'mcp_server.authorization_revoked': {
    summary: 'Nobody is signed in any more.',
    version: 1,
    data: z.object({ told: z.boolean().meta({ description: 'Whether the authorization server was told, and agreed' }) }),
  },
} as const;

export const authorizationCommands = {
  'mcp_server.authorize': {
    summary: 'Ask for the address at which a person signs in; it is made in the background, and one that was asked for before is void.',
    target: 'mcp_server_id',
    data: z.strictObject({
      ...target,
      redirect_uri: HttpUrl.meta({ description: 'Where the browser is sent then; whoever is there calls mcp_server.finish_authorization' }),
      client_metadata_url: HttpUrl.optional().meta({
        description: 'Where the platform describes itself as a client, for authorization servers that look there',
      }),
    }),
    example: { mcp_server_id: 'docs', redirect_uri: 'https://platform.example/api/v1/mcp/authorization/callback' },
  },
  'mcp_server.finish_authorization': {
    summary: 'Hand over what the authorization server sent the browser back with. Works once, until the address expires.',
    target: 'mcp_server_id',
    data: z.strictObject({
      ...target,
      state: z.string().min(1).max(500),
      code: z.string().min(1).max(4000).optional(),
      iss: z.string().max(2000).optional(),
      error: z.string().min(1).max(200).optional(),
      error_description: z.string().max(1000).optional(),
    }),
    example: { mcp_server_id: 'docs', state: 'YSBzdGF0ZQ', code: 'a-code' },
  },
  'mcp_server.revoke_authorization': {
    summary: 'Forget the tokens of a server, and tell its authorization server to.',
    target: 'mcp_server_id',
    data: z.strictObject(target),
    example: { mcp_server_id: 'docs' },
  },
  'mcp_server.renew_token': {
    summary: 'A token expires, or was refused: get another one.',
    target: 'mcp_server_id',
    internal: true,
    data: z.strictObject({ ...target, token }),
    example: { mcp_server_id: 'docs', token: 1 },
  },
  'mcp_server.require_scope': {
    summary: 'A call was refused for want of a scope.',
    target: 'mcp_server_id',
    internal: true,
    data: z.strictObject({ ...target, token, scope: Scope.nullable(), message: z.string().max(1000) }),
    example: { mcp_server_id: 'docs', token: 1, scope: 'docs:write', message: 'The MCP server wants the scope "docs:write" for this.' },
  },
} as const;

/** What a server's view says of signing in; all of it null or false where nobody ever had to. */
export const authorizationView = {
  authorized: z.boolean().meta({ description: 'There is a token that a person signed in for' }),
  sign_in: SignIn.nullable(),
  authorization_url: z.string().nullable().meta({ description: 'Where a person signs in, while that is waited for' }),
  authorization_expires_at: Time.nullable(),
  issuer: z.string().nullable().meta({ description: 'The authorization server' }),
  scope: z.string().nullable().meta({ description: 'Granted' }),
  wanted_scope: z.string().nullable().meta({ description: 'Of the newest challenge of the server' }),
  token_expires_at: Time.nullable(),
};
