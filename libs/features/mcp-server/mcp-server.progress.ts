import type { ExecutorCommand, McpServerEvent, McpServerState } from './mcp-server.state.ts';
import { lost, required, unionOf } from './sign-in.decider.ts';

/*
 * What an executor does for a server: it asks what the server offers, and does one step of signing in at a time.
 */

/** Whoever dies over a server so often is not to try again until somebody wants it. */
const ATTEMPTS = 5;
/** A token that ends so soon is renewed before it is used. */
const SOON_MS = 60_000;
/** How long an address for a person is good. */
const OFFER_MS = 600_000;

type Recorded = Extract<ExecutorCommand, { type: 'mcp_server.record' | 'mcp_server.record_step' }>;
const later = (now: string, ms: number): string => new Date(Date.parse(now) + ms).toISOString();

/** What is to be begun now. */
export function decideNext({ status, discovery, oauth }: McpServerState, now: string): readonly McpServerEvent[] {
  const { step, number, token, doubt } = oauth;
  const begin = (kind: NonNullable<typeof step>['kind']): McpServerEvent => ({
    type: 'mcp_server.sign_in_step_started',
    data: { step: kind, number: number + 1, attempt: 1 },
  });
  const begun = step?.attempt === 0 ? [begin(step.kind)] : [];
  // A discovery waits for a token that is on its way.
  if (status !== 'pending' || (step !== null && step.kind !== 'prepare')) return begun;
  const expires = token?.token_expires_at ?? null;
  if (token?.renewable && doubt === null && step === null && expires !== null && expires <= later(now, SOON_MS))
    return [{ type: 'mcp_server.renewal_requested', data: { token: token.number, discovering: true } }, begin('renew')];
  return [...begun, { type: 'mcp_server.discovery_started', data: { discovery: discovery + 1, attempt: 1 } }];
}

/** What was under way when somebody died is begun again, but not for ever. */
export function recoverFrom({ status, discovery, attempt, oauth }: McpServerState): readonly McpServerEvent[] {
  const { step, number } = oauth;
  const events: McpServerEvent[] = [];
  const crashed = { code: 'mcp-discovery-crashed', message: `Whoever asked the server died, ${ATTEMPTS} times: look at it, then refresh.` };
  if (status === 'discovering')
    events.push(attempt < ATTEMPTS ? { type: 'mcp_server.discovery_started', data: { discovery, attempt: attempt + 1 } } : failed(discovery, crashed));
  if (step && step.attempt > 0)
    events.push(
      step.attempt < ATTEMPTS
        ? { type: 'mcp_server.sign_in_step_started', data: { step: step.kind, number: number + 1, attempt: step.attempt + 1 } }
        : { type: 'mcp_server.authorization_failed', data: { step: step.kind, error: { ...crashed, code: 'mcp-sign-in-crashed' } } },
    );
  return events;
}

/** What came of what was begun. What comes late or twice changes nothing. */
export function decideOutcome(command: Recorded, state: McpServerState, now: string): readonly McpServerEvent[] {
  if (command.type === 'mcp_server.record_step') return stepOutcome(command, state, now);
  const { discovery, attempt, outcome } = command.data;
  if (state.status !== 'discovering' || discovery !== state.discovery || attempt !== state.attempt) return [];
  if (outcome.status === 'completed') return [{ type: 'mcp_server.discovered', data: { discovery, catalog: outcome.catalog } }];
  if (outcome.status === 'failed') return [failed(discovery, outcome.error)];
  const { token, doubt, step } = state.oauth;
  const again: McpServerEvent = { type: 'mcp_server.refresh_requested', data: {} };
  if (step?.kind === 'renew') return [again];
  if (token?.renewable && doubt === null && step === null)
    return [{ type: 'mcp_server.renewal_requested', data: { token: token.number, discovering: true } }, again];
  // Whether the token is good is not known while nobody could be asked for another.
  if (doubt === 'failed') return [failed(discovery, outcome.error)];
  const { scope, resource_metadata } = outcome.challenge;
  return [required(state, { scope: unionOf(token?.scope, scope), resource_metadata, lost: true, error: outcome.error })];
}

const failed = (discovery: number, error: { readonly code: string; readonly message: string }): McpServerEvent => ({
  type: 'mcp_server.discovery_failed',
  data: { discovery, error },
});

function stepOutcome({ data }: Extract<Recorded, { type: 'mcp_server.record_step' }>, state: McpServerState, now: string): readonly McpServerEvent[] {
  const { step, number } = state.oauth;
  if (step === null || step.attempt === 0 || number !== data.number) return [];
  const { outcome } = data;
  switch (outcome.status) {
    case 'failed':
      // A grant that was refused is refused for good.
      if (step.kind === 'renew' && outcome.error.code === 'mcp-sign-in-refused') return [lost(state, outcome.error.message)];
      if (step.kind === 'revoke') return [{ type: 'mcp_server.authorization_revoked', data: { told: false } }];
      return [{ type: 'mcp_server.authorization_failed', data: { step: step.kind, error: outcome.error } }];
    case 'prepared': {
      const { status: _, ...offer } = outcome;
      return [{ type: 'mcp_server.authorization_prepared', data: { ...offer, expires_at: later(now, OFFER_MS) } }];
    }
    case 'authorized': {
      const { status: _, expires_in, ...token } = outcome;
      const token_expires_at = expires_in === null ? null : later(now, expires_in * 1000);
      return [{ type: 'mcp_server.authorized', data: { by: step.kind === 'renew' ? 'refresh' : 'code', token_expires_at, ...token } }];
    }
    case 'revoked':
      return [{ type: 'mcp_server.authorization_revoked', data: { told: outcome.told } }];
  }
}
