import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, createApi } from '../support/api.ts';
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

/** Waits for what comes of a discovery, and answers the server as its read model shows it then. */
async function discovered(
  id: string,
): Promise<{ status: string; catalog: { tools: { name: string }[] } | null; error: { code: string } | null; config: object }> {
  const end = Promise.withResolvers<string>();
  const stop = platform.base.nats.subscribe(`evt.acme.mcp_server.${id}.>`, {
    callback: (_error, message) => {
      if (/discover(ed|y_failed)$/.test(message.subject)) end.resolve(message.headers?.get('Nats-Msg-Id') ?? '');
    },
  });
  const refreshed = await api.post(`/mcp/servers/${id}/refresh`);
  expect(refreshed.status).toBe(200);
  const event = await end.promise;
  stop.unsubscribe();
  return (await api.get(`/mcp/servers/${id}?read_after=${event}`)).body;
}

test('a server is named, asked what it offers, and called by a workflow', async () => {
  const config = { transport: 'stdio', command: process.execPath, args: [SERVER, 'stdio'] };
  const made = await api.post('/mcp/servers', { mcp_server_id: 'everything', name: 'Everything', config });
  expect([made.status, made.body.status]).toEqual([201, 'pending']);
  const server = await discovered('everything');
  expect(server).toMatchObject({ status: 'ready', error: null });
  expect(server.catalog?.tools.map(({ name }) => name)).toContain('get-sum');

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
  const made = await api.post('/mcp/servers', { mcp_server_id: 'inside', name: 'Inside', config: http });
  expect(made.status).toBe(201);
  expect(JSON.stringify(made.body)).not.toContain('canary');
  const inside = await discovered('inside');
  expect(inside).toMatchObject({ status: 'failed', error: { code: 'egress-denied' }, catalog: null });
  expect(JSON.stringify(await api.get('/streams/mcp_server/inside/events'))).not.toContain('canary');

  await api.post('/mcp/servers', { mcp_server_id: 'shell', name: 'Shell', config: { transport: 'stdio', command: '/bin/sh', args: ['-c', 'id'] } });
  expect(await discovered('shell')).toMatchObject({ status: 'failed', error: { code: 'mcp-stdio-denied' } });
});
