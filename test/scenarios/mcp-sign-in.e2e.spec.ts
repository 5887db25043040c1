import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { type SignInServer, startSignInServer } from '../support/sign-in.server.ts';

/** A person signs in at an MCP server: OAuth 2.1, authorization code with PKCE, against a server that checks all of it. */
let people: SignInServer;
let platform: TestPlatform;
let api: Api;
/** Everything that was published, and that the gateway answered. */
const told: string[] = [];

beforeAll(async () => {
  people = await startSignInServer();
  platform = await startTestPlatform({ egressAllow: [`127.0.0.1:${people.port}`] });
  api = createApi(platform.url, 'acme');
  platform.base.nats.subscribe('>', {
    callback: (_error, { subject, data }) => void told.push(subject.startsWith('cmd.') ? '' : `${subject} ${Buffer.from(data).toString('utf8')}`),
  });
});
afterAll(async () => {
  await platform?.close();
  people?.close();
});

function answered(answer: Answer): Answer {
  told.push(JSON.stringify(answer.body));
  return answer;
}

/** Does what leads to an event of the server, and waits until that is in its read model. */
async function until(event: string, begin: () => Promise<unknown>): Promise<Answer['body']> {
  const heard = Promise.withResolvers<string>();
  platform.base.nats.subscribe(`evt.acme.mcp_server.people.mcp_server.${event}`, {
    callback: (_error, { headers }) => heard.resolve(headers?.get('Nats-Msg-Id') ?? ''),
    max: 1,
  });
  await begin();
  return answered(await api.get(`/mcp/servers/people?read_after=${await heard.promise}`)).body;
}
const create = () =>
  api.post('/mcp/servers', { mcp_server_id: 'people', name: 'People', config: { transport: 'streamable_http', url: `${people.origin}/mcp` } });
const authorize = async () => answered(await api.post('/mcp/servers/people/authorization'));
const call = async (tool: string) => answered(await api.post('/mcp/servers/people/calls', { tool }));
/** What a browser does: it opens the address, and comes back to the gateway. */
async function signIn(address: string): Promise<{ readonly status: number; readonly page: string; readonly back: string }> {
  const back = (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? '';
  const answer = await fetch(back);
  const page = await answer.text();
  told.push(page);
  return { status: answer.status, page, back };
}

test('a server that wants a person says so, and where to sign in', async () => {
  const server = await until('authorization_required', create);
  expect(server).toMatchObject({ status: 'authorization_required', sign_in: 'wanted', authorized: false, wanted_scope: 'read', catalog: null });
  expect((await call('read')).body).toMatchObject({ status: 'failed', error: { code: 'mcp-authorization-required' } });

  const made = await authorize();
  expect(made.body).toMatchObject({ sign_in: 'waiting', issuer: people.origin, authorization_url: expect.any(String) as string });
  const address = new URL(made.body.authorization_url);
  const redirect_uri = `${platform.url}/api/v1/mcp/authorization/callback`;
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    client_id: 'client-1',
    redirect_uri,
    response_type: 'code',
    code_challenge_method: 'S256',
    resource: `${people.origin}/mcp`,
    scope: 'read',
  });
  expect(people.registered).toMatchObject([{ redirect_uris: [redirect_uri], client_name: 'Agent Platform' }]);
  expect((await authorize()).body.authorization_url).toBe(address.href);
  const client = await api.get('/mcp/authorization/client');
  expect(client.body).toMatchObject({ redirect_uris: [redirect_uri], client_id: `${platform.url}/api/v1/mcp/authorization/client` });
});

test('somebody who says no, or comes with another state, is not signed in', async () => {
  people.denies = true;
  const denied = await signIn((await authorize()).body.authorization_url);
  expect(denied).toMatchObject({ status: 502, page: expect.stringContaining('access_denied') as string });
  people.denies = false;
  const address = new URL((await authorize()).body.authorization_url);
  const state = Buffer.from(JSON.stringify(['acme', 'people', 'guessed'])).toString('base64url');
  address.searchParams.set('state', state);
  expect((await signIn(address.href)).status).toBe(403);
  for (const query of ['', '?state=<b>', `?state=${Buffer.from('["acme","none","x"]').toString('base64url')}&code=x`]) {
    const answer = await fetch(`${platform.url}/api/v1/mcp/authorization/callback${query}`);
    expect([answer.status >= 400 && answer.status < 500, (await answer.text()).includes('<b>')]).toEqual([true, false]);
  }
});

test('who signs in is asked no more: tools are called with the token, which nobody sees', async () => {
  const { authorization_url } = (await authorize()).body;
  let back = '';
  const server = await until('discovered', async () => {
    const done = await signIn(authorization_url);
    expect([done.status, done.page]).toEqual([200, expect.stringContaining('You are signed in')]);
    back = done.back;
  });
  expect(server).toMatchObject({ status: 'ready', authorized: true, sign_in: null, scope: 'read', authorization_url: null, error: null });
  expect((await fetch(back)).status).toBe(409);
  expect((await call('read')).body).toMatchObject({ status: 'completed', output_text: 'you sent Bearer ***' });
  await api.post('/workflows', {
    workflow_id: 'ask',
    name: 'Ask',
    nodes: [{ id: 'ask', type: 'mcp', config: { mcp_server_id: 'people', tool: 'read' } }],
    edges: [],
  });
  await api.post('/workflows/ask/publish');
  const run = await api.post('/workflows/ask/execute', {});
  expect(run.body).toMatchObject({ status: 'completed', output_text: 'you sent Bearer ***' });
});

test('a token that the server takes no more is renewed once, however many calls find so', async () => {
  people.expire();
  people.grants.length = 0;
  const calls = await Promise.all(Array.from({ length: 6 }, () => call('read')));
  expect(calls.map(({ body }) => body.status)).toEqual(Array.from({ length: 6 }, () => 'completed'));
  expect(people.grants).toEqual(['refresh_token']);
  people.expire();
  const server = await until('discovered', () => api.post('/mcp/servers/people/refresh'));
  expect([server.status, people.grants.length]).toEqual(['ready', 2]);
});

test('a server that wants more for a call is given it by who signs in again, and nothing is lost till then', async () => {
  const server = await until('authorization_required', async () =>
    expect((await call('write')).body).toMatchObject({
      status: 'failed',
      error: { code: 'mcp-scope-missing', message: expect.stringContaining('"write"') as string },
    }),
  );
  expect(server).toMatchObject({ status: 'ready', authorized: true, sign_in: 'wanted', wanted_scope: 'read write' });
  expect((await call('read')).body.status).toBe('completed');
  const { authorization_url } = (await authorize()).body;
  expect(new URL(authorization_url).searchParams.get('scope')).toBe('read write');
  await until('discovered', () => signIn(authorization_url));
  expect((await call('write')).body).toMatchObject({ status: 'completed', output_text: 'written' });
});

test('a grant that was taken back is said to be lost; one that is revoked is forgotten on both sides', async () => {
  people.expire();
  people.refuses = true;
  const lost = await until('authorization_required', async () =>
    expect((await call('read')).body).toMatchObject({ status: 'failed', error: { code: 'mcp-authorization-required' } }),
  );
  expect(lost).toMatchObject({ status: 'authorization_required', authorized: false, wanted_scope: 'read write' });
  people.refuses = false;
  const { authorization_url } = (await authorize()).body;
  await until('discovered', () => signIn(authorization_url));
  const revoked = await until('authorization_revoked', () => api.delete('/mcp/servers/people/authorization'));
  expect(revoked).toMatchObject({ status: 'authorization_required', authorized: false, sign_in: 'wanted' });
  expect(people.revoked).toHaveLength(2);
  expect((await call('read')).body.error.code).toBe('mcp-authorization-required');
});

test('a server that is deleted has its tokens revoked, too', async () => {
  const { authorization_url } = (await authorize()).body;
  await until('discovered', () => signIn(authorization_url));
  await until('authorization_revoked', () => api.delete('/mcp/servers/people'));
  expect(people.revoked).toHaveLength(4);
  expect((await api.get('/mcp/servers/people')).status).toBe(404);
});

test('no code, token, verifier or secret of a client is in an event, a message or an answer', async () => {
  const events = JSON.stringify([await api.get('/streams/mcp_server/people/events'), told]);
  expect(people.secrets.length).toBeGreaterThan(10);
  expect(people.secrets.filter((secret) => events.includes(secret))).toEqual([]);
});
