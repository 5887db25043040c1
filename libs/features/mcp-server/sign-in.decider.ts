import type { Command, CommandOf } from '@agent-platform/contracts/kit/index';
import { signsInItself } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import type { mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { type Decision, reject, type Rejection } from '@agent-platform/kernel/index';
import { isSealed } from '@agent-platform/kernel/secrets';
import type { McpServerEvent, McpServerState } from './mcp-server.state.ts';

type Named<T> = Extract<CommandOf<typeof mcpServerContract>, { type: T }>;
export type SignInCommand = Named<
  'mcp_server.authorize' | 'mcp_server.finish_authorization' | 'mcp_server.revoke_authorization' | 'mcp_server.renew_token' | 'mcp_server.require_scope'
>;

const NAMES: ReadonlySet<string> = new Set<SignInCommand['type']>([
  'mcp_server.authorize',
  'mcp_server.finish_authorization',
  'mcp_server.revoke_authorization',
  'mcp_server.renew_token',
  'mcp_server.require_scope',
]);
export const isSignIn = (command: Command): command is SignInCommand => NAMES.has(command.type);

/** What people and calls say of signing in, to a server that is there. */
export function decideSignIn(command: SignInCommand, state: McpServerState): Decision<McpServerEvent> {
  const { sign_in, step, token, asked, offer, resource_metadata, wanted_scope } = state.oauth;
  switch (command.type) {
    case 'mcp_server.authorize': {
      const { mcp_server_id: _, ...wish } = command.data;
      const unfit = misfit(state);
      if (unfit) return unfit;
      const isSame = asked?.redirect_uri === wish.redirect_uri && asked.client_metadata_url === wish.client_metadata_url;
      const isGood = offer !== null && sign_in === 'waiting' && command.meta.now < offer.expires_at;
      if (isSame && (isGood || step?.kind === 'prepare')) return [];
      if (step !== null && step.kind !== 'prepare')
        return reject('conflict', 'mcp-sign-in-busy', `The step "${step.kind}" is under way: ask again in a moment.`);
      return [{ type: 'mcp_server.authorization_requested', data: wish }];
    }
    case 'mcp_server.finish_authorization': {
      const { state: given, code, iss, error, error_description } = command.data;
      if (sign_in !== 'waiting' || offer === null)
        return reject(
          'conflict',
          'mcp-sign-in-not-expected',
          'No sign-in is waited for: this one was used already, or another was begun. Ask for the address again.',
        );
      if (given !== offer.state) return reject('denied', 'mcp-sign-in-state', 'The state is not that of the sign-in which is waited for.');
      if (command.meta.now >= offer.expires_at)
        return reject('conflict', 'mcp-sign-in-expired', `The address expired at ${offer.expires_at}: ask for it again.`);
      if (code === undefined) {
        const message = `The authorization server sent the browser back without a code: ${error ?? 'no error'}${error_description === undefined ? '' : `: ${error_description}`}`;
        return [{ type: 'mcp_server.authorization_failed', data: { step: 'exchange', error: { code: 'mcp-sign-in-denied', message } } }];
      }
      if (!isSealed(code)) return reject('invalid', 'secret-not-sealed', 'The code was not encrypted on its way, so it is not kept.');
      return [{ type: 'mcp_server.authorization_returned', data: { code, ...(iss !== undefined && { iss }) } }];
    }
    case 'mcp_server.revoke_authorization':
      return token === null ? [] : [{ type: 'mcp_server.revocation_requested', data: {} }];
    case 'mcp_server.renew_token':
      if (token?.number !== command.data.token || step !== null) return [];
      if (!token.renewable) return [lost(state, 'The token has expired, or was refused, and can’t be renewed: sign in again.')];
      return [{ type: 'mcp_server.renewal_requested', data: { token: token.number, discovering: false } }];
    case 'mcp_server.require_scope': {
      const { message } = command.data;
      const scope = unionOf(token?.scope, command.data.scope);
      const isKnown = sign_in !== null && unionOf(wanted_scope, scope) === wanted_scope;
      if (token?.number !== command.data.token || isKnown) return [];
      return [required(state, { scope, resource_metadata, lost: false, error: { code: 'mcp-scope-missing', message } })];
    }
  }
}

type Required = Extract<McpServerEvent, { type: 'mcp_server.authorization_required' }>['data'];
export const required = ({ oauth }: McpServerState, data: Omit<Required, 'sign_in'>): McpServerEvent => ({
  type: 'mcp_server.authorization_required',
  data: { ...data, sign_in: oauth.sign_in ?? 'wanted' },
});

/** There is no token any more that the server would take. */
export function lost(state: McpServerState, message: string): McpServerEvent {
  const { token, resource_metadata } = state.oauth;
  return required(state, { scope: token?.scope ?? null, resource_metadata, lost: true, error: { code: 'mcp-authorization-required', message } });
}

/** Scopes of both: whoever asks for more must not lose what there was. Null: the servers know. */
export const unionOf = (granted: string | null | undefined, wanted: string | null): string | null =>
  wanted === null ? null : [...new Set(`${granted ?? ''} ${wanted}`.split(' ').filter((each) => each !== ''))].join(' ');

/** Why nobody can sign in at a server. */
function misfit({ config }: McpServerState): Rejection | null {
  const unfit = (why: string): Rejection => reject('conflict', 'mcp-sign-in-unfit', `Nobody signs in at this server: ${why}.`);
  if (config === null || config.transport === 'stdio') return unfit('it is a process');
  if (signsInItself(config.oauth)) return unfit('its config has credentials of the platform itself');
  const own = Object.keys(config.headers ?? {}).some((name) => name.toLowerCase() === 'authorization');
  return own ? unfit('its config has an authorization header') : null;
}
