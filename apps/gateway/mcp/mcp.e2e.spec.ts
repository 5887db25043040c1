import { createServer, type Server } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from '@agent-platform/test/support/api';
import { readEvents } from '@agent-platform/test/support/event-source';
import { connectNew, connectOld, type McpClient, type Progress } from '@agent-platform/test/support/mcp-clients';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let api: Api;
let shop: Server;
const calls: string[] = [];
let stalledEnded = false;
const workspace = { 'x-workspace-id': 'acme' };

beforeAll(async () => {
  shop = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push(`${request.method} ${request.url} ${body}`);
      if (request.url === '/stalled') return void request.once('close', () => (stalledEnded = true));
      response.setHeader('content-type', 'application/json').end('{"price":12}');
    });
  });
  const port = await new Promise<number>((resolve) => shop.listen(0, '127.0.0.1', () => resolve((shop.address() as { port: number }).port)));
  platform = await startTestPlatform({ egressAllow: [`127.0.0.1:${port}`] });
  api = createApi(platform.url, 'acme');
  const input_schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  await publish(
    'greet',
    [
      { id: 'start', type: 'start', config: { input_schema } },
      { id: 'greet', type: 'template-transform', config: { template: 'Hello {{ input.name }}' } },
    ],
    [{ source: 'start', target: 'greet' }],
  );
  await publish('approve', [{ id: 'ask', type: 'human', config: { title: 'Refund?' } }]);
  await publish('broken', [{ id: 'call', type: 'tool', config: { url: 'http://127.0.0.1:1/' } }]);
  await api.post('/tools', { tool_id: 'price', code: 'price', name: 'Price', tool_type: 'http' });
  const output_schema_json = { price: { type: 'number', required: true } };
  const version = { tool_id: 'price', output_schema_json, input_schema_json: { sku: { type: 'string', required: true }, note: { type: 'string' } } };
  await api.post('/tools/versions', { ...version, invoke_config_json: { method: 'GET', base_url: `http://127.0.0.1:${port}`, path: '/price' } });
  await api.post('/tools', { tool_id: 'order', code: 'order', name: 'Order', tool_type: 'http' });
  await api.post('/tools/versions', { tool_id: 'order', invoke_config_json: { method: 'POST', url: `http://127.0.0.1:${port}/orders` } });
  await api.post('/tools', { tool_id: 'stalled', code: 'stalled', name: 'Stalled', tool_type: 'http', description: 'Never answers.' });
  const made = await api.post('/tools/versions', { tool_id: 'stalled', invoke_config_json: { method: 'POST', url: `http://127.0.0.1:${port}/stalled` } });
  await api.getAfter(made, '/tools');
  await api.post('/skills', { skill_id: 'hello', code: 'hello', name: 'Hello' });
  const implementation_json = { template: 'Hello $name' };
  const skill = {
    skill_id: 'hello',
    status: 'published',
    runtime_type: 'template',
    output_schema_json: { type: 'string' },
    parameter_schema_json: { name: { type: 'string', required: true } },
  };
  await api.getAfter(await api.post('/skills/versions', { ...skill, implementation_json }), '/skills');
});
afterAll(async () => {
  await platform?.close();
  shop?.close();
});

async function publish(workflow_id: string, nodes: readonly object[], edges: readonly object[] = []): Promise<void> {
  await api.post('/workflows', { workflow_id, name: workflow_id, nodes, edges });
  const published = await api.post(`/workflows/${workflow_id}/publish`);
  expect([published.status, published.body.errors]).toEqual([200, undefined]);
  await api.getAfter(published, '/workflows');
}

const CLIENTS: readonly (readonly [string, () => Promise<McpClient>])[] = [
  ['v2 client, 2026-07-28', () => connectNew(`${platform.url}/mcp`, workspace, 'auto')],
  ['v2 client, 2025-11-25, canonical path', () => connectNew(`${platform.url}/api/v1/mcp`, workspace, 'legacy')],
  ['v1 client', () => connectOld(`${platform.url}/gateway/mcp`, workspace)],
];

describe.each(CLIENTS)('%s', (_name, connect) => {
  let client: McpClient;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client?.close());

  test('lists workflows, tools and skills with their schemas, under names that stay', async () => {
    const { tools, nextCursor } = await client.list();
    // All on one page: many clients read no second one.
    expect(nextCursor).toBeUndefined();
    const workflows = ['workflow_approve', 'workflow_broken', 'workflow_greet'];
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['get_run', 'skill_hello', 'tool_order', 'tool_price', 'tool_stalled', ...workflows]);
    const annotated = (name: string): object | undefined => tools.find((tool) => tool.name === name)?.annotations;
    expect(annotated('workflow_greet')).toMatchObject({ readOnlyHint: true });
    expect(annotated('workflow_approve')).toMatchObject({ readOnlyHint: false });
    expect(annotated('tool_price')).toMatchObject({ readOnlyHint: true, idempotentHint: true });
    expect(annotated('tool_order')).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: false });
    expect(annotated('skill_hello')).toMatchObject({ readOnlyHint: true });
    expect(tools.find(({ name }) => name === 'skill_hello')?.inputSchema).toMatchObject({ required: ['name'] });
    expect(tools.find(({ name }) => name === 'workflow_greet')?.inputSchema).toMatchObject({ type: 'object', required: ['name'] });
    expect(tools.find(({ name }) => name === 'tool_price')?.inputSchema).toMatchObject({ properties: { sku: { type: 'string' } }, required: ['sku'] });
    const answers = (name: string): object | undefined => tools.find((tool) => tool.name === name)?.outputSchema;
    expect(answers('skill_hello')).toMatchObject({ type: 'object', properties: { output_json: { type: 'string' } } });
    expect(JSON.stringify(answers('tool_price'))).toContain('"json":{"type":"object","properties":{"price":');
    expect([answers('tool_order'), answers('workflow_greet')]).toEqual([undefined, undefined]);
    await expect(client.list('nonsense')).rejects.toMatchObject({ code: -32602, data: { code: 'bad-cursor' } });
  });

  test('runs a workflow to its end, with progress; one key is one run', async () => {
    const progress: Progress[] = [];
    const meta = { 'agent-platform/idempotency-key': `${_name}-greet`.replaceAll(' ', '-') };
    const answer = await client.call('workflow_greet', { name: 'Ada' }, { meta, onprogress: (each) => progress.push(each) });
    expect(answer).toMatchObject({ content: [{ text: 'Hello Ada' }], structuredContent: { status: 'completed', output_text: 'Hello Ada' } });
    expect(progress.at(-1)?.message).toBe(`run.completed ${String(answer.structuredContent['run_id'])}`);
    expect(progress.map((each) => each.progress)).toEqual(progress.map((_, index) => index + 1));
    const again = await client.call('workflow_greet', { name: 'Ada' }, { meta });
    expect(again.structuredContent['run_id']).toBe(answer.structuredContent['run_id']);
  });

  test('calls a tool: reads get the input as query, writes as body', async () => {
    calls.length = 0;
    const price = await client.call('tool_price', { sku: 'a b' });
    expect(price.isError, JSON.stringify(price)).toBeFalsy();
    expect(JSON.stringify(price.structuredContent)).toContain('"price":12');
    await client.call('tool_order', { items: [1, { two: 2 }] });
    expect(calls).toEqual(['GET /price?sku=a+b ', 'POST /orders {"items":[1,{"two":2}]}']);
  });

  test('uses a skill', async () => {
    const answer = await client.call('skill_hello', { name: 'Ada' });
    expect(answer).toMatchObject({ content: [{ text: 'Hello Ada' }], structuredContent: { status: 'completed', output_text: 'Hello Ada' } });
    const asked = await client.call('get_run', { run_id: answer.structuredContent['run_id'] });
    expect(asked.structuredContent).toEqual(answer.structuredContent);
    await expect(client.call('skill_hello', {})).rejects.toMatchObject({ code: -32602, data: { code: 'skill-input-invalid' } });
  });

  test('what is refused is an MCP error with our code; what fails is an answer that says so', async () => {
    const refused = (code: string) => ({ code: -32602, data: { code } });
    await expect(client.call('workflow_greet', { name: 1 })).rejects.toMatchObject(refused('tool-input-invalid'));
    await expect(client.call('tool_price', {})).rejects.toMatchObject(refused('tool-input-invalid'));
    await expect(client.call('workflow_none', {})).rejects.toMatchObject(refused('workflow-not-found'));
    await expect(client.call('nothing', {})).rejects.toMatchObject(refused('tool-not-found'));
    await expect(client.call('get_run', { run_id: 'none' })).rejects.toMatchObject(refused('run-not-found'));
    expect(await client.call('workflow_broken', {})).toMatchObject({
      isError: true,
      structuredContent: { status: 'failed', error: { code: 'egress-denied' } },
    });
  });

  test('a person is waited for: told at once, and the run is asked for again', async () => {
    const waiting = await client.call('workflow_approve', {});
    const { run_id, open_tasks } = waiting.structuredContent as { run_id: string; open_tasks: string[] };
    expect(waiting).toMatchObject({ structuredContent: { status: 'running' } });
    expect(open_tasks).toHaveLength(1);
    const uri = `agent-platform://runs/${run_id}`;
    expect(waiting.content[1]).toMatchObject({ type: 'resource_link', uri });
    expect(JSON.parse(await client.read(uri))).toMatchObject({ id: run_id, status: 'running', open_tasks });
    await expect(client.read('agent-platform://runs/none')).rejects.toMatchObject({ data: { code: 'run-not-found' } });
    expect(await client.call('get_run', { run_id, wait_seconds: 0 })).toMatchObject({ structuredContent: { status: 'running', open_tasks } });
    const end = client.call('get_run', { run_id }, { onprogress: () => undefined });
    const done = await api.post(`/human/tasks/${open_tasks[0]}/complete`, { status: 'approved', completed_by: 'ada' });
    expect(done.status).toBeLessThan(300);
    expect(await end).toMatchObject({ structuredContent: { status: 'completed', run_id } });
  });

  test('a call that is given up cancels its run', async () => {
    const given = new AbortController();
    const run = Promise.withResolvers<string>();
    const call = client.call(
      'workflow_approve',
      {},
      {
        signal: given.signal,
        onprogress: ({ message = '' }) => {
          if (message.includes('waits for a person')) given.abort();
          if (message.startsWith('run.created ')) run.resolve(message.slice('run.created '.length));
        },
      },
    );
    await expect(call).rejects.toBeInstanceOf(Error);
    const events = await readEvents(`${platform.url}/api/v1/runtime/runs/${await run.promise}/events`, workspace);
    expect(events.at(-1)?.event).toBe('run.cancelled');
  });

  test('a call of a tool that is given up is given up outside, too', async () => {
    const given = new AbortController();
    stalledEnded = false;
    const onprogress = ({ message = '' }): void => (message.startsWith('tool_call.started') ? given.abort() : undefined);
    await expect(client.call('tool_stalled', {}, { signal: given.signal, onprogress })).rejects.toBeInstanceOf(Error);
    await expect.poll(() => stalledEnded).toBe(true);
    const cancelled = async (): Promise<number> => (await api.get('/tools/stalled/calls?status=cancelled')).body.items.length;
    await expect.poll(cancelled).toBeGreaterThan(0);
  });
});

test('pages go on through all lists, and name everything once', async () => {
  const many = createApi(platform.url, 'many');
  await many.post('/tools', { tool_id: 'only', code: 'only', name: 'Only', tool_type: 'http' });
  const last = await many.post('/tools/versions', { tool_id: 'only', invoke_config_json: { url: 'https://shop.example' } });
  await many.getAfter(last, '/tools');
  const nodes = [{ id: 'say', type: 'answer', config: { answer: 'hello' } }];
  const make = async (id: string) => (await many.post('/workflows', { workflow_id: id, name: id, nodes, edges: [] }), many.post(`/workflows/${id}/publish`));
  await Promise.all(Array.from({ length: 59 }, (_, index) => make(`w${index}`)));
  await many.getAfter(await make('last'), '/workflows');
  const client = new Client({ name: 'pages', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), { requestInit: { headers: { 'x-workspace-id': 'many' } } }));
  // The v2 client turns the pages itself.
  const { tools } = await client.listTools();
  await client.close();
  const names = tools.map(({ name }) => name);
  expect([names.length, new Set(names).size, names.at(-1)]).toEqual([62, 62, 'tool_only']);
});

describe('raw messages', () => {
  const send = async (message: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${platform.url}/mcp`, {
      method: 'POST',
      headers: { ...workspace, 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(message),
    });

  test('a stateless discovery of 2026-07-28', async () => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };
    const answer = await send({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta } }, headers);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 1, result: { capabilities: { tools: {} }, supportedVersions: ['2026-07-28'] } });
  });

  test('HTTP’s own idempotency key counts too', async () => {
    const message = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'workflow_greet', arguments: { name: 'Bo' } } };
    const ids = await Promise.all([1, 2].map(async () => /"run_id":"([^"]+)"/.exec(await (await send(message, { 'idempotency-key': 'once' })).text())?.[1]));
    expect(ids[0]).toBeTruthy();
    expect(ids[1]).toBe(ids[0]);
  });

  test('pages of other sites, other hosts and bad workspaces are refused; another workspace sees nothing', async () => {
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await send(list, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(list, { 'x-workspace-id': 'Not One' })).status).toBe(400);
    const other = await send(list, { 'x-workspace-id': 'other' });
    expect(await other.text()).not.toContain('workflow_');
    expect((await fetch(`${platform.url}/mcp`, { headers: { ...workspace, accept: 'text/event-stream' } })).status).toBe(405);
  });
});
