import type { ChildProcess } from 'node:child_process';
import { referenceServer, serveEverything } from '@agent-platform/adapter-mcp/testing/reference.servers';
import { answer, badServer, type BadServer } from '@agent-platform/adapter-mcp/testing/bad.servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { type OAuthMcpServer, startOAuthMcpServer } from '../support/oauth-mcp.server.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** The reference server, which nobody here wrote, as a process and over HTTP; and one that tells what it is sent. */
const stdio = referenceServer('everything');
const authorizations: unknown[] = [];
let http: { readonly port: number; readonly child: ChildProcess };
let telling: BadServer;
let guarded: OAuthMcpServer;
let platform: TestPlatform;
let api: Api;

beforeAll(async () => {
  [guarded, http, telling] = await Promise.all([
    startOAuthMcpServer('canary-token-91'),
    serveEverything('streamableHttp'),
    badServer((response, message, request) => {
      if (message.params?.name === 'stall') return;
      authorizations.push(request.headers.authorization);
      answer(response, message, { content: [{ type: 'text', text: `You sent ${request.headers.authorization}` }] });
    }),
  ]);
  platform = await startTestPlatform({
    // Nobody listens at the last one.
    egressAllow: [`localhost:${http.port}`, `127.0.0.1:${telling.port}`, `127.0.0.1:${guarded.port}`, '127.0.0.1:1'],
    env: { AGENT_PLATFORM_MCP_STDIO_ALLOW: stdio.allowed },
  });
  api = createApi(platform.url, 'acme');
});
afterAll(async () => {
  await platform?.close();
  http?.child.kill('SIGKILL');
  telling?.close();
  guarded?.close();
});

interface Seen {
  readonly made: Answer;
  readonly server: { readonly status: string; readonly catalog: { readonly tools: readonly { readonly name: string }[] } | null };
}

/** Does what begins a discovery, and waits for what comes of it: the answer, and the server as its read model shows it then. */
async function discovered(id: string, begin: () => Promise<Answer>): Promise<Seen> {
  const end = Promise.withResolvers<string>();
  const subscription = platform.base.nats.subscribe(`evt.acme.mcp_server.${id}.>`, {
    callback: (_error, message) => {
      if (/discover(?:ed|y_failed)$/.test(message.subject)) end.resolve(message.headers?.get('Nats-Msg-Id') ?? '');
    },
  });
  const made = await begin();
  expect(made.status).toBeLessThan(300);
  const event = await end.promise;
  subscription.unsubscribe();
  return { made, server: (await api.get(`/mcp/servers/${id}?read_after=${event}`)).body };
}

const create = (mcp_server_id: string, config: object): Promise<Seen> =>
  discovered(mcp_server_id, () => api.post('/mcp/servers', { mcp_server_id, name: mcp_server_id, config }));

async function publish(workflow_id: string, nodes: readonly object[]): Promise<void> {
  await api.post('/workflows', { workflow_id, name: workflow_id, nodes, edges: [] });
  const published = await api.post(`/workflows/${workflow_id}/publish`);
  expect([published.status, published.body.errors]).toEqual([200, undefined]);
}

test('a server is named, asked what it offers, and called by a workflow', async () => {
  const { made, server } = await create('everything', stdio.config);
  expect([made.status, made.body.status]).toEqual([201, 'pending']);
  expect(server).toMatchObject({ status: 'ready', error: null });
  expect(server.catalog?.tools.map(({ name }) => name)).toContain('get-sum');
  const again = await discovered('everything', () => api.post('/mcp/servers/everything/refresh'));
  expect(again.server).toMatchObject({ status: 'ready', catalog: server.catalog });

  await publish('sum', [{ id: 'sum', type: 'mcp', config: { mcp_server_id: 'everything', tool: 'get-sum', arguments: { a: '{{ input.a }}', b: 3 } } }]);
  const run = await api.post('/workflows/sum/execute', { input: { a: 2 } });
  expect([run.body.status, run.body.error]).toEqual(['completed', null]);
  expect(run.body.output_text).toContain('5');
  const wrong = await api.post('/workflows/sum/execute', { input: { a: 'x' } });
  expect(wrong.body).toMatchObject({ status: 'failed', error: { code: 'tool-input-invalid' } });
});

test('its resources are read and its prompts got, in a workflow and without one', async () => {
  const uri = 'demo://resource/dynamic/text/{{ input.n }}';
  await publish('read', [{ id: 'read', type: 'mcp', config: { mcp_server_id: 'everything', resource: uri } }]);
  const run = await api.post('/workflows/read/execute', { input: { n: 2 } });
  expect(run.body).toMatchObject({ status: 'completed', output_json: { content: [{ uri: 'demo://resource/dynamic/text/2' }] } });

  const ask = (body: object): Promise<Answer> => api.post('/mcp/servers/everything/calls', body);
  const read = await ask({ resource: 'demo://resource/dynamic/text/1' });
  expect([read.status, read.body.status, read.body.output_json.content[0].uri]).toEqual([200, 'completed', 'demo://resource/dynamic/text/1']);
  // What a caller gives is no template.
  const prompt = await ask({ prompt: 'args-prompt', input: { city: 'Lisbon {{ secrets.none }}' } });
  expect(prompt.body).toMatchObject({ status: 'completed', output_text: expect.stringContaining('Lisbon {{ secrets.none }}') as string });
  expect((await ask({ tool: 'get-sum', input: { a: 40, b: 2 } })).body.output_text).toContain('42');
  expect((await ask({ tool: 'get-sum', prompt: 'args-prompt' })).status).toBe(400);
  expect((await ask({ resource: 'demo://nothing' })).body).toMatchObject({ status: 'failed', error: { code: 'mcp-refused' } });
});

test('progress of a call is told while it goes on', async () => {
  const told: string[] = [];
  const subscription = platform.base.nats.subscribe('live.acme.run.>', { callback: (_error, message) => void told.push(message.subject) });
  const config = { mcp_server_id: 'everything', tool: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } };
  await publish('long', [{ id: 'long', type: 'mcp', config }]);
  expect((await api.post('/workflows/long/execute', {})).body.status).toBe('completed');
  subscription.unsubscribe();
  expect(told.filter((subject) => subject.endsWith('.progress')).length).toBeGreaterThan(0);
});

describe('a tool of the type mcp', () => {
  const tool = async (tool_id: string, invoke_config_json: object): Promise<void> => {
    await api.post('/tools', { tool_id, code: tool_id, name: tool_id, tool_type: 'mcp' });
    expect((await api.post('/tools/versions', { tool_id, invoke_config_json })).status).toBe(201);
  };

  test('lists the tools of its server when it is tried, and calls the one that is named', async () => {
    await tool('server', { url: `http://localhost:${http.port}/mcp` });
    const listed = await api.post('/tools/server/test');
    expect(listed.body).toMatchObject({ status: 'completed', reachable: true, excerpt: expect.stringContaining('get-sum') as string });
    const called = await api.post('/tools/server/test', { input: { tool: 'echo', arguments: { message: 'hello' } } });
    expect(called.body).toMatchObject({ status: 'completed', excerpt: 'Echo: hello' });
    const refused = await api.post('/tools/server/test', { input: { tool: 'get-sum', arguments: { a: 'x' } } });
    expect(refused.body).toMatchObject({ status: 'failed', reachable: true });
    await tool('echo', { url: `http://localhost:${http.port}/mcp`, tool: 'echo' });
    await publish('echo', [{ id: 'echo', type: 'tool', config: { tool_id: 'echo', input: { message: '{{ input.words }}' } } }]);
    const run = await api.post('/workflows/echo/execute', { input: { words: 'good day' } });
    expect(run.body).toMatchObject({ status: 'completed', output_text: 'Echo: good day' });
  });

  test('says clearly that its server is not there', async () => {
    await tool('gone', { url: 'http://127.0.0.1:1/mcp' });
    expect((await api.post('/tools/gone/test')).body).toMatchObject({
      status: 'failed',
      reachable: false,
      reason: expect.stringContaining('does not answer as one') as string,
    });
  });

  test('hears that a call was cancelled', async () => {
    await tool('stalled', { url: telling.url, tool: 'stall' });
    const made = await api.post('/tools/calls', { tool_call_id: 'stalled', tool_id: 'stalled', input: {} });
    expect(made.status).toBe(201);
    await expect.poll(() => telling.heard).toContain('tools/call');
    expect((await api.post('/tools/calls/stalled/cancel', { reason: 'enough' })).body.status).toBe('cancelled');
    await expect.poll(() => telling.heard).toContain('notifications/cancelled');
    telling.heard.length = 0;
  });

  test('is called with the credentials of its binding, which nobody else sees', async () => {
    await api.post('/secrets', { name: 'shop', value: 'canary-binding-1' });
    await tool('shop', { url: telling.url, tool: 'any' });
    await api.post('/tools/bindings', { tool_id: 'shop', tool_binding_id: 'eu', config_json: { headers: { authorization: 'Bearer {{ secrets.shop }}' } } });
    await api.post('/tools/bindings', { tool_id: 'shop', tool_binding_id: 'us', config_json: { headers: { authorization: 'Bearer canary-binding-2' } } });
    for (const tool_binding_id of ['eu', 'us']) {
      const tried = await api.post('/tools/shop/test', { tool_binding_id, input: {} });
      expect(tried.body.status).toBe('completed');
      expect(JSON.stringify(tried.body)).not.toContain('canary');
      expect(JSON.stringify(await api.get(`/streams/tool_call/${tried.body.tool_call_id}/events`))).not.toContain('canary');
    }
    expect(authorizations).toEqual(['Bearer canary-binding-1', 'Bearer canary-binding-2']);
  });
});

test('what may not be reached or started says so; secrets of its headers are kept sealed, and credentials only named', async () => {
  const inside = await create('inside', {
    transport: 'streamable_http',
    url: 'http://127.0.0.1:9/mcp',
    headers: { authorization: 'Bearer canary-7f3a91' },
  });
  expect(JSON.stringify(inside)).not.toContain('canary');
  expect(inside.server).toMatchObject({ status: 'failed', error: { code: 'egress-denied' }, catalog: null });
  expect(JSON.stringify(await api.get('/streams/mcp_server/inside/events'))).not.toContain('canary');

  const shell = await create('shell', { transport: 'stdio', command: '/bin/sh', args: ['-c', 'id'] });
  expect(shell.server).toMatchObject({ status: 'failed', error: { code: 'mcp-stdio-denied' } });

  const oauth = { issuer: 'https://auth.example', client_id: 'it', client_secret: 'canary-itself' };
  const open = await api.post('/mcp/servers', { name: 'open', config: { transport: 'streamable_http', url: 'https://docs.example/mcp', oauth } });
  expect([open.status, open.body.errors?.[0]?.field]).toEqual([400, '/config/oauth/client_secret']);
});

test('a server that wants a token is asked with one; neither it nor the credentials are written down', async () => {
  await api.post('/secrets', { name: 'client', value: 'canary-client-secret' });
  const oauth = { issuer: guarded.origin, client_id: 'platform', client_secret: '{{ secrets.client }}' };
  const config = { transport: 'streamable_http', url: `${guarded.origin}/mcp`, oauth };
  const { server } = await create('guarded', config);
  expect(server).toMatchObject({ status: 'ready', catalog: { tools: [{ name: 'whoami', read_only: true }, { name: 'fail' }] } });
  const called = await api.post('/mcp/servers/guarded/calls', { tool: 'whoami' });
  expect(called.body).toMatchObject({ status: 'completed', output_text: 'the holder of ***' });
  const refused = await api.post('/mcp/servers/guarded/calls', { tool: 'fail' });
  expect(refused.body).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('not for ***') as string } });
  await publish('whoami', [{ id: 'ask', type: 'mcp', config: { mcp_server_id: 'guarded', tool: 'whoami' } }]);
  const run = await api.post('/workflows/whoami/execute', {});
  expect(run.body.status).toBe('completed');
  expect(new Set(guarded.credentials)).toEqual(new Set(['platform:canary-client-secret']));
  const told = [
    server,
    called.body,
    run.body,
    await api.get('/streams/mcp_server/guarded/events'),
    await api.get(`/streams/tool_call/${called.body.tool_call_id}/events`),
  ];
  expect(JSON.stringify([...told, await api.get(`/streams/run/${run.body.id}/events`)])).not.toContain('canary');

  const before = guarded.credentials.length;
  const elsewhere = await create('elsewhere', { ...config, oauth: { ...oauth, issuer: 'https://auth.example' } });
  expect(elsewhere.server).toMatchObject({ status: 'failed' });
  expect(guarded.credentials).toHaveLength(before);
});

test('a server that was removed is called no more', async () => {
  expect((await api.delete('/mcp/servers/everything')).status).toBe(200);
  expect((await api.post('/workflows/sum/execute', { input: { a: 2 } })).body).toMatchObject({ status: 'failed', error: { code: 'mcp-server-not-found' } });
  expect((await api.post('/mcp/servers/everything/calls', { tool: 'echo' })).body).toMatchObject({ error: { code: 'mcp-server-not-found' } });
});
