import { type McpCatalog, McpServerView } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mcpServerDecider } from './mcp-server.decider.ts';
import { mcpServerProjection } from './mcp-server.projection.ts';
import { type McpServerCommand, type McpServerEvent, mcpServerView, type StepOutcome } from './mcp-server.state.ts';

/** By the clock of the specs it is 2026-01-01T00:00:00.000Z. */
const { given } = specFor(mcpServerDecider);
type Said = Pick<McpServerCommand, 'type' | 'data'>;

const config = { transport: 'streamable_http', url: 'https://docs.example/mcp' } as const;
const catalog: McpCatalog = { server: { name: 'docs', version: '1', protocol_version: null }, tools: [], resources: [], prompts: [], truncated: false };
const wantsPerson = { code: 'mcp-authorization-required', message: 'Sign in.' };
const unable = { code: 'mcp-sign-in-unreachable', message: 'It is away.' };
const refusal = { code: 'mcp-sign-in-refused', message: 'invalid_grant' };
const redirect_uri = 'https://platform.example/callback';
const sealed = 'sealed.v2.key.AAAA';

const advance: Said = { type: 'mcp_server.advance', data: {} };
const challenged = (discovery: number): Said => ({
  type: 'mcp_server.record',
  data: { discovery, attempt: 1, outcome: { status: 'challenged', challenge: { scope: 'read', resource_metadata: null }, error: wantsPerson } },
});
const step = (number: number, outcome: StepOutcome): Said => ({ type: 'mcp_server.record_step', data: { number, outcome } });
const authorize: Said = { type: 'mcp_server.authorize', data: { mcp_server_id: 'it', redirect_uri } };
const back = (more: object = {}): Said => ({ type: 'mcp_server.finish_authorization', data: { mcp_server_id: 'it', state: 'nonce', code: sealed, ...more } });
const renew = (token: number): Said => ({ type: 'mcp_server.renew_token', data: { mcp_server_id: 'it', token } });
const wantScope = (scope: string): Said => ({ type: 'mcp_server.require_scope', data: { mcp_server_id: 'it', token: 1, scope, message: 'More.' } });
const revoke: Said = { type: 'mcp_server.revoke_authorization', data: { mcp_server_id: 'it' } };
const offer = { authorization_url: 'https://auth.example/authorize', state: 'nonce', issuer: 'https://auth.example', sealed };
const tokens = (expires_in: number | null, renewable = true): StepOutcome => ({ status: 'authorized', expires_in, scope: 'read', renewable, sealed });

const created: McpServerEvent = { type: 'mcp_server.created', data: { name: 'Docs', config } };
const discovering = (discovery: number): McpServerEvent => ({ type: 'mcp_server.discovery_started', data: { discovery, attempt: 1 } });
const begun = (kind: 'prepare' | 'exchange' | 'renew' | 'revoke', number: number, attempt = 1): McpServerEvent => ({
  type: 'mcp_server.sign_in_step_started',
  data: { step: kind, number, attempt },
});
const required: McpServerEvent = {
  type: 'mcp_server.authorization_required',
  data: { scope: 'read', resource_metadata: null, sign_in: 'wanted', lost: true, error: wantsPerson },
};
const requested: McpServerEvent = { type: 'mcp_server.authorization_requested', data: { redirect_uri } };
const prepared = (expires_at = '2026-01-01T00:10:00.000Z'): McpServerEvent => ({ type: 'mcp_server.authorization_prepared', data: { ...offer, expires_at } });
const returned: McpServerEvent = { type: 'mcp_server.authorization_returned', data: { code: sealed } };
const authorized = (by: 'code' | 'refresh', token_expires_at: string | null, renewable = true): McpServerEvent => ({
  type: 'mcp_server.authorized',
  data: { by, token_expires_at, scope: 'read', renewable, sealed },
});
const discovered = (discovery: number): McpServerEvent => ({ type: 'mcp_server.discovered', data: { discovery, catalog } });
const renewal = (token: number, forDiscovery: boolean): McpServerEvent => ({
  type: 'mcp_server.renewal_requested',
  data: { token, discovering: forDiscovery },
});
const failed = (kind: 'prepare' | 'exchange' | 'renew', error = unable): McpServerEvent => ({
  type: 'mcp_server.authorization_failed',
  data: { step: kind, error },
});

const asked = [created, discovering(1), required, requested];
const waiting = [...asked, begun('prepare', 1), prepared()];
const exchanging = [...waiting, returned, begun('exchange', 2)];
/** Signed in, with a token that expires then, and discovered. */
const signedIn = (expires: string | null, renewable = true): McpServerEvent[] => [
  ...exchanging,
  authorized('code', expires, renewable),
  discovering(2),
  discovered(2),
];
const LATER = '2026-01-01T01:00:00.000Z';
const SOON = '2026-01-01T00:00:30.000Z';

test('a server that wants a person says so, and where to sign in when somebody asks', () => {
  given(created, discovering(1)).when(challenged(1)).then(required);
  given(created, discovering(1), required).when(authorize).then(requested);
  given(...asked)
    .when(advance)
    .then(begun('prepare', 1));
  given(...asked, begun('prepare', 1))
    .when(step(1, { status: 'prepared', ...offer }))
    .then(prepared());
  given(...waiting)
    .when(authorize)
    .then();
  given(...asked, begun('prepare', 1), prepared('2025-12-31T23:59:00.000Z'))
    .when(authorize)
    .then(requested);
  given(...asked, begun('prepare', 1))
    .when(step(1, { status: 'failed', error: unable }))
    .then(failed('prepare'));
});

test('nobody signs in where the platform has credentials, or at a process', () => {
  const at = (other: object): McpServerEvent => ({ type: 'mcp_server.created', data: { name: 'Docs', config: { ...config, ...other } } });
  given(at({ headers: { Authorization: 'Bearer x' } }))
    .when(authorize)
    .thenRejected('mcp-sign-in-unfit');
  given(at({ oauth: { issuer: 'https://auth.example', client_id: 'it' } }))
    .when(authorize)
    .thenRejected('mcp-sign-in-unfit');
  given({ type: 'mcp_server.created', data: { name: 'It', config: { transport: 'stdio', command: '/bin/it' } } })
    .when(authorize)
    .thenRejected('mcp-sign-in-unfit');
});

test('the browser is heard once, in time, with the state of this sign-in, and its code is recorded sealed only', () => {
  given(...waiting)
    .when(back())
    .then(returned);
  given(...exchanging)
    .when(back())
    .thenRejected('mcp-sign-in-not-expected');
  given(...waiting)
    .when(back({ state: 'another' }))
    .thenRejected('mcp-sign-in-state');
  given(...waiting)
    .when(back({ code: 'in clear' }))
    .thenRejected('secret-not-sealed');
  given(...asked, begun('prepare', 1), prepared('2026-01-01T00:00:00.000Z'))
    .when(back())
    .thenRejected('mcp-sign-in-expired');
  const { decision } = given(...waiting).when(back({ code: undefined, error: 'access_denied', error_description: 'no' }));
  expect(decision).toMatchObject([{ type: 'mcp_server.authorization_failed', data: { error: { code: 'mcp-sign-in-denied' } } }]);
});

test('tokens are recorded with when they expire, and what the server offers is looked up with them', () => {
  given(...exchanging)
    .when(step(2, tokens(3600)))
    .then(authorized('code', LATER), discovering(2));
  given(...exchanging)
    .when(step(2, tokens(null, false)))
    .then(authorized('code', null, false), discovering(2));
  given(...exchanging)
    .when(step(1, tokens(3600)))
    .then();
  given(...exchanging)
    .when(step(2, { status: 'failed', error: refusal }))
    .then(failed('exchange', refusal));
});

describe('a token', () => {
  test('is renewed for a call that finds it expired, once for all who find so', () => {
    given(...signedIn(LATER))
      .when(renew(1))
      .then(renewal(1, false));
    given(...signedIn(LATER), renewal(1, false))
      .when(renew(1))
      .then();
    given(...signedIn(LATER), renewal(1, false), begun('renew', 3))
      .when(step(3, tokens(3600)))
      .then(authorized('refresh', LATER));
    given(...signedIn(LATER), renewal(1, false), begun('renew', 3), authorized('refresh', LATER))
      .when(renew(1))
      .then();
  });

  test('that can’t be renewed, or whose grant was taken back, is lost: somebody has to sign in again', () => {
    const lost = [{ type: 'mcp_server.authorization_required', data: { lost: true, scope: 'read', sign_in: 'wanted' } }];
    expect(given(...signedIn(SOON, false)).when(renew(1)).decision).toMatchObject(lost);
    const renewing = [...signedIn(LATER), renewal(1, false), begun('renew', 3)];
    expect(given(...renewing).when(step(3, { status: 'failed', error: refusal })).decision).toMatchObject(lost);
    given(...renewing)
      .when(step(3, { status: 'failed', error: unable }))
      .then(failed('renew'));
  });

  test('that expires is renewed before a discovery; one that is refused, after it; and only once', () => {
    const refresh: McpServerEvent = { type: 'mcp_server.refresh_requested', data: {} };
    given(...signedIn(SOON), refresh)
      .when(advance)
      .then(renewal(1, true), begun('renew', 3));
    const renewed = [...signedIn(SOON), refresh, renewal(1, true), begun('renew', 3)];
    given(...renewed)
      .when(step(3, tokens(3600)))
      .then(authorized('refresh', LATER), discovering(3));
    given(...renewed)
      .when(step(3, { status: 'failed', error: unable }))
      .then(failed('renew'), discovering(3));
    given(...signedIn(LATER), refresh, discovering(3))
      .when(challenged(3))
      .then(renewal(1, true), refresh, begun('renew', 3));
    const again = [...renewed, authorized('refresh', LATER), discovering(3)];
    expect(given(...again).when(challenged(3)).decision).toMatchObject([{ type: 'mcp_server.authorization_required', data: { lost: true } }]);
    expect(given(...renewed, failed('renew'), discovering(3)).when(challenged(3)).decision).toMatchObject([{ type: 'mcp_server.discovery_failed' }]);
  });

  test('that allows too little stays; the next sign-in asks for what it had, too', () => {
    const wanted = { scope: 'read write', lost: false, error: { code: 'mcp-scope-missing' } };
    expect(given(...signedIn(LATER)).when(wantScope('write')).decision).toMatchObject([{ data: wanted }]);
    given(...signedIn(LATER), { type: 'mcp_server.authorization_required', data: { ...wanted, resource_metadata: null, sign_in: 'wanted', error: refusal } })
      .when(wantScope('write read'))
      .then();
  });

  test('is used no more as soon as it is revoked, whatever the authorization server says', () => {
    const revoked: McpServerEvent = { type: 'mcp_server.revocation_requested', data: {} };
    given(...signedIn(LATER))
      .when(revoke)
      .then(revoked);
    given(...waiting)
      .when(revoke)
      .then();
    given(...signedIn(LATER), revoked)
      .when(renew(1))
      .then();
    given(...signedIn(LATER), revoked)
      .when(authorize)
      .thenRejected('mcp-sign-in-busy');
    given(...signedIn(LATER), revoked, begun('revoke', 3))
      .when(step(3, { status: 'failed', error: unable }))
      .then({ type: 'mcp_server.authorization_revoked', data: { told: false } });
  });
});

test('the tokens of a server that is deleted are revoked, and nothing else is done for it', () => {
  const deleted: McpServerEvent = { type: 'mcp_server.deleted', data: {} };
  given(...signedIn(LATER), deleted)
    .when(advance)
    .then(begun('revoke', 3));
  given(...signedIn(LATER), deleted, begun('revoke', 3))
    .when(step(3, { status: 'revoked', told: true }))
    .then({ type: 'mcp_server.authorization_revoked', data: { told: true } });
  given(...waiting, deleted)
    .when(advance)
    .then();
  given(...signedIn(LATER), deleted)
    .when(authorize)
    .thenRejected('mcp-server-not-found');
});

test('after a crash a step is begun again, but not for ever', () => {
  const recover: Said = { type: 'mcp_server.recover', data: {} };
  expect(given(...exchanging).when(recover).decision).toEqual([begun('exchange', 3, 2)]);
  expect(given(...waiting, returned, begun('exchange', 2, 5)).when(recover).decision).toMatchObject([{ data: { error: { code: 'mcp-sign-in-crashed' } } }]);
});

test('running any command twice never appends twice', () => {
  const outcomes = [tokens(3600), tokens(10, false), { status: 'prepared', ...offer }, { status: 'failed', error: refusal }] as const;
  const commands = [
    { type: 'mcp_server.create', data: { name: 'Docs', config } } as const,
    advance,
    authorize,
    back(),
    renew(1),
    renew(2),
    wantScope('write'),
    revoke,
    challenged(1),
    challenged(2),
    ...outcomes.flatMap((outcome) => [1, 2, 3].map((number) => step(number, outcome))),
  ];
  neverAppendsTwice(mcpServerDecider, fc.constantFrom<Said>(...commands));
});

test('rows say what the view says, and nothing that is sealed', () => {
  const more = given(...signedIn(LATER)).when(wantScope('write')).decision as McpServerEvent[];
  for (const history of [
    waiting,
    exchanging,
    signedIn(LATER),
    [...signedIn(LATER), ...more],
    [...signedIn(LATER), renewal(1, false), begun('renew', 3), failed('renew')],
  ]) {
    const [row] = tablesOf(mcpServerProjection, history)['mcp_servers'] ?? [];
    const view = mcpServerView(history.reduce(mcpServerDecider.evolve, mcpServerDecider.initial), 'it');
    expect({ catalog: null, error: null, ...row }).toMatchObject(view ?? {});
    expect(Object.keys(McpServerView.shape)).toEqual(expect.arrayContaining(Object.keys(view ?? {})));
    expect(JSON.stringify([row, view])).not.toContain('sealed');
  }
});
