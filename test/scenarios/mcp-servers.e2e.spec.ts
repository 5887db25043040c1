import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** The reference server, which nobody here wrote. */
const SERVER = path.join(path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')), 'dist', 'index.js');
let platform: TestPlatform;
let api: Api;

beforeAll(async () => {
  platform = await startTestPlatform({ env: { AGENT_PLATFORM_MCP_STDIO_ALLOW: `${process.execPath} ${SERVER} stdio` } });
  api = createApi(platform.url, 'acme');
});
afterAll(() => platform?.close());

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

test('a server is named, asked what it offers, and called by a workflow', async () => {
  const { made, server } = await create('everything', { transport: 'stdio', command: process.execPath, args: [SERVER, 'stdio'] });
  expect([made.status, made.body.status]).toEqual([201, 'pending']);
  expect(server).toMatchObject({ status: 'ready', error: null });
  expect(server.catalog?.tools.map(({ name }) => name)).toContain('get-sum');
  const again = await discovered('everything', () => api.post('/mcp/servers/everything/refresh'));
  expect(again.server).toMatchObject({ status: 'ready', catalog: server.catalog });

  const nodes = [{ id: 'sum', type: 'mcp', config: { mcp_server_id: 'everything', tool: 'get-sum', arguments: { a: '{{ input.a }}', b: 3 } } }];
  await api.post('/workflows', { workflow_id: 'sum', name: 'Sum', nodes, edges: [] });
  const published = await api.post('/workflows/sum/publish');
  expect([published.status, published.body.errors]).toEqual([200, undefined]);
  const run = await api.post('/workflows/sum/execute', { input: { a: 2 } });
  expect([run.body.status, run.body.error]).toEqual(['completed', null]);
  expect(run.body.output_text).toContain('5');
  const wrong = await api.post('/workflows/sum/execute', { input: { a: 'x' } });
  expect(wrong.body).toMatchObject({ status: 'failed', error: { code: 'tool-input-invalid' } });

  const gone = await api.delete('/mcp/servers/everything');
  expect(gone.status).toBe(200);
  expect((await api.post('/workflows/sum/execute', { input: { a: 2 } })).body).toMatchObject({ status: 'failed', error: { code: 'mcp-server-not-found' } });
});

test('what may not be reached or started says so; secrets of its headers are kept sealed', async () => {
  const http = { transport: 'streamable_http', url: 'http://127.0.0.1:9/mcp', headers: { authorization: 'Bearer canary-7f3a91' } };
  const inside = await create('inside', http);
  expect(JSON.stringify(inside)).not.toContain('canary');
  expect(inside.server).toMatchObject({ status: 'failed', error: { code: 'egress-denied' }, catalog: null });
  expect(JSON.stringify(await api.get('/streams/mcp_server/inside/events'))).not.toContain('canary');

  const shell = await create('shell', { transport: 'stdio', command: '/bin/sh', args: ['-c', 'id'] });
  expect(shell.server).toMatchObject({ status: 'failed', error: { code: 'mcp-stdio-denied' } });
});
