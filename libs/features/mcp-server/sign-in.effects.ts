import { randomBytes } from 'node:crypto';
import type { SignInStep } from '@agent-platform/contracts/mcp-server/mcp-authorization';
import { signsInItself } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import { type EffectContext, Failure, toFailure } from '@agent-platform/kernel/index';
import { withoutSecrets } from '@agent-platform/nodes/secret-scrub';
import type { McpOAuthPort, McpTokens } from '@agent-platform/ports/mcp-oauth.port';
import { openConfig, type Opening } from './mcp-server.secrets.ts';
import type { McpServerState, StepOutcome } from './mcp-server.state.ts';
import { makeState } from './sign-in.address.ts';
import { sealFor } from './sign-in.seal.ts';

const MESSAGE = 1_000;
const STATE_BYTES = 24;

interface Asked {
  readonly state: McpServerState;
  readonly opening: Opening;
}

/** One step of signing in; never rejects but when it was aborted. Nothing that comes out of it is secret and in clear. */
export async function performStep(step: SignInStep, port: McpOAuthPort, { state, opening }: Asked, context: EffectContext): Promise<StepOutcome> {
  const { signal, stream } = context;
  const used: string[] = [];
  try {
    const config = await openConfig(state.config, opening, used);
    if (config.transport === 'stdio' || signsInItself(config.oauth)) throw new Failure('invalid', 'mcp-sign-in-unfit', 'Nobody signs in at this server.');
    const { url, oauth } = config;
    const { asked, offer, returned, token, farewell, wanted_scope, resource_metadata } = state.oauth;
    const { seal, open, openTokens, sealTokens } = sealFor(opening.secrets, stream.workspace_id, stream.stream_id);
    const kept = (tokens: McpTokens, memory: string): StepOutcome => ({
      status: 'authorized',
      expires_in: tokens.expires_in,
      scope: tokens.scope ?? wanted_scope,
      renewable: tokens.refresh_token !== null,
      sealed: sealTokens({ memory, access_token: tokens.access_token, refresh_token: tokens.refresh_token }),
    });
    switch (step) {
      case 'prepare': {
        if (!asked) break;
        const { redirect_uri, client_metadata_url } = asked;
        const state = makeState(stream.workspace_id, stream.stream_id, randomBytes(STATE_BYTES).toString('base64url'));
        const made = await port.prepare({ url, oauth, redirect_uri, client_metadata_url, state, scope: wanted_scope, resource_metadata }, signal);
        return { status: 'prepared', state, authorization_url: made.authorization_url, issuer: made.issuer, sealed: seal(made.memory) };
      }
      case 'exchange': {
        if (!offer || !returned) break;
        const memory = open(offer.sealed);
        const code = open(returned.code);
        used.push(code);
        return kept(await port.exchange({ url, oauth, memory, code, ...(returned.iss !== undefined && { iss: returned.iss }) }, signal), memory);
      }
      case 'renew': {
        const { memory, access_token, refresh_token } = token ? openTokens(token.sealed) : { memory: '', access_token: '', refresh_token: null };
        if (refresh_token === null) break;
        used.push(access_token, refresh_token);
        return kept(await port.renew({ oauth, memory, refresh_token }, signal), memory);
      }
      case 'revoke': {
        if (!farewell) break;
        const { memory, ...tokens } = openTokens(farewell.sealed);
        return { status: 'revoked', told: await port.revoke({ oauth, memory, tokens }, signal) };
      }
    }
    throw new Failure('fault', 'mcp-sign-in-lost', `There is nothing to ${step}.`);
  } catch (error) {
    // A shutdown must not be recorded as the server's failure.
    if (signal.aborted && !context.timedOut()) throw error;
    const { code, message } = toFailure(error);
    return { status: 'failed', error: withoutSecrets({ code, message: message.slice(0, MESSAGE) }, used) };
  }
}
