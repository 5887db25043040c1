import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { type MailCatcher, type Shop, startMailCatcher, startShop } from '../support/tool-servers.ts';
import { createUser, type User } from '../support/user.ts';

let shop: Shop;
let mails: MailCatcher;
let platform: TestPlatform;
let user: User;
let base: string;

beforeAll(async () => {
  [shop, mails] = await Promise.all([startShop(), startMailCatcher()]);
  base = `http://${shop.host}`;
  platform = await startTestPlatform({
    egressAllow: [shop.host],
    toolDatabases: (url) => JSON.stringify({ own: { url } }),
    env: { AGENT_PLATFORM_SMTP_URL: mails.url, AGENT_PLATFORM_SMTP_FROM: 'Agent <agent@platform.test>' },
  });
  user = await createUser(platform);
});
afterAll(async () => {
  await user.close();
  await platform.close();
  await mails.close();
  shop.close();
});

async function tool(code: string, invoke: object, binding: object, schema: object = {}): Promise<{ tool_id: string; tool_binding_id: string }> {
  const tool_id = await user.accepted('tool.create', { code, name: code, tool_type: 'http' });
  await user.accepted('tool.create_version', { tool_id, invoke_config_json: invoke, input_schema_json: schema });
  return { tool_id, tool_binding_id: await user.accepted('tool.create_binding', { tool_id, config_json: binding }) };
}

const after = async (path: string, event_id: string) => (await user.api.get(`${path}${path.includes('?') ? '&' : '?'}read_after=${event_id}`)).body;

test('trying a tool says whether it answers, how fast, and what; no run is made', async () => {
  const { tool_id, tool_binding_id } = await tool('search', { path: '/search' }, { base_url: base }, { q: { type: 'string' } });
  const answer = await user.api.post(`/tools/${tool_id}/test`, { tool_binding_id, input: { q: 'shoes' } });
  expect(answer).toMatchObject({
    status: 200,
    body: { tool_id, tool_binding_id, status: 'completed', reachable: true, http_status: 200, reason: null, request: { url: `${base}/search?q=shoes` } },
  });
  expect(answer.body.latency_ms).toBeGreaterThan(0);
  expect(answer.body.excerpt).toContain('/search?q=shoes');

  const call = await after(`/tools/calls/${answer.body.tool_call_id}`, answer.body.log.event_id);
  expect(call).toMatchObject({ source: 'test', status: 'completed', tool_id, input: { q: 'shoes' }, error: null });
  expect(Date.parse(call.ended_at)).toBeGreaterThanOrEqual(Date.parse(call.started_at));
  expect((await user.api.get('/runtime/runs')).body.items).toEqual([]);
});

test('trying a tool that does not answer well says why', async () => {
  const missing = await tool('missing', { path: '/missing' }, { base_url: base }, { q: { type: 'string' } });
  const { tool_binding_id } = missing;
  const test = async (body: object) => (await user.api.post(`/tools/${missing.tool_id}/test`, body)).body;
  expect(await test({ tool_binding_id })).toMatchObject({ status: 'failed', reachable: true, http_status: 404, reason: expect.stringContaining('404') });

  const before = shop.asked.length;
  expect(await test({ tool_binding_id, input: { q: 7 } })).toMatchObject({ reachable: false, latency_ms: null, reason: expect.stringContaining('schema') });
  expect(await test({})).toMatchObject({ reachable: false, reason: expect.stringContaining('base_url') });
  expect((await user.api.post(`/tools/nobody/test`, {})).body).toMatchObject({ reachable: false, reason: expect.stringContaining('nobody') });
  const promising = { tool_id: missing.tool_id, invoke_config_json: { url: `${base}/x` }, output_schema_json: { price: { type: 'number', required: true } } };
  const { body: version } = await user.api.post('/tools/versions', promising);
  expect(await after(`/tools/versions/${version.id}`, version.log.event_id)).toMatchObject({ output_schema_json: promising.output_schema_json });
  expect((await user.api.post('/tools/versions', { ...promising, tool_version_id: version.id, output_schema_json: {} })).status).toBe(409);
  expect(await test({})).toMatchObject({ status: 'failed', reachable: true, reason: expect.stringContaining('output_schema_json') });
  const gone = await tool('gone', { url: 'http://127.0.0.1:1/' }, {});
  expect((await user.api.post(`/tools/${gone.tool_id}/test`, {})).body).toMatchObject({ reachable: false, http_status: null, reason: expect.any(String) });
  expect(shop.asked).toHaveLength(before + 1);
});

test('calls can be read per tool and per run; a tool takes its input as its templates say', async () => {
  const invoke = { method: 'POST', path: '/orders/{{ input.id }}', body: { amount: '{{ input.amount }}' } };
  const { tool_id, tool_binding_id } = await tool('order', invoke, { base_url: base });
  const config = { tool_binding_id, input: { id: '{{ input.order }}', amount: '{{ input.sum }}' } };
  const workflow_id = await user.publish([{ id: 'call', type: 'tool', config }]);
  const run_id = await user.accepted('run.create', { workflow_id, input: { order: '{{ state }}', sum: 3 } });
  const { id } = await user.event(run_id, 'run.completed');
  expect(shop.asked.at(-1)).toBe('POST /orders/%7B%7B%20state%20%7D%7D {"amount":3}');

  const tested = await user.api.post(`/tools/${tool_id}/test`, { tool_binding_id, input: { id: 'a', amount: 1 } });
  const ofTool = await after(`/tools/${tool_id}/calls`, tested.body.log.event_id);
  expect(ofTool.items).toMatchObject([
    { source: 'test', status: 'completed' },
    { id: `${run_id}:call:1`, source: 'run', status: 'completed', run_id, node_id: 'call', tool_binding_id },
  ]);
  expect((await after(`/runtime/runs/${run_id}/tool-calls`, id)).items).toHaveLength(1);
});

test('built-in tools need no definition', async () => {
  const { items } = (await user.api.get('/tools/builtins')).body;
  expect(items.map(({ name, writes }: { name: string; writes: boolean }) => [name, writes])).toEqual([
    ['calculator', false],
    ['current_time', false],
    ['http', true],
    ['postgres_query', true],
    ['email', true],
    ['knowledge_search', false],
  ]);
  for (const { input_schema } of items) expect(input_schema).toMatchObject({ type: 'object', additionalProperties: false });
  const workflow_id = await user.publish([
    { id: 'sum', type: 'tool', config: { builtin: 'calculator', input: { expression: 'input.net * 1.19', values: { net: '{{ input.net }}' } } } },
  ]);
  const run_id = await user.accepted('run.create', { workflow_id, input: { net: 100 } });
  await user.event(run_id, 'run.completed');
  expect((await user.event(run_id, 'node.completed')).data['output_json']).toMatchObject({ builtin: 'calculator', result: 119 });
});

/** Calls a built-in tool outside of runs; the call as it ended. */
async function callBuiltin(builtin: string, input: object) {
  const { id } = (await user.api.post('/tools/calls', { builtin, input })).body;
  const { id: event_id } = await Promise.race([user.event(id, 'tool_call.completed'), user.event(id, 'tool_call.failed')]);
  return after(`/tools/calls/${id}`, event_id);
}

test('a database that the operator lists can be asked, in runs and outside', async () => {
  const input = { connection: 'own', sql: 'select $1::int * 2 as twice', parameters: ['{{ input.n }}'] };
  const workflow_id = await user.publish([{ id: 'ask', type: 'tool', config: { builtin: 'postgres_query', input } }]);
  const run_id = await user.accepted('run.create', { workflow_id, input: { n: 21 } });
  const { id } = await user.event(run_id, 'run.completed');
  expect((await user.event(run_id, 'node.completed')).data['output_json']).toMatchObject({ result: { columns: ['twice'], rows: [{ twice: 42 }] } });
  const [call] = (await after(`/runtime/runs/${run_id}/tool-calls`, id)).items;
  expect(call).toMatchObject({ builtin: 'postgres_query', status: 'completed', input: { parameters: [21] }, tool_id: null });
  expect(call.duration_ms).toBeGreaterThanOrEqual(0);

  expect(await callBuiltin('postgres_query', { ...input, parameters: [4] })).toMatchObject({
    source: 'call',
    status: 'completed',
    builtin: 'postgres_query',
    output_json: { result: { rows: [{ twice: 8 }] } },
    latency_ms: expect.any(Number),
  });
  const dropped = { ...input, sql: 'drop table event_log.events', parameters: [] };
  expect(await callBuiltin('postgres_query', dropped)).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^database-/) } });
  expect(await callBuiltin('postgres_query', { ...dropped, mode: 'write' })).toMatchObject({ error: { code: 'database-write-denied' } });
  expect(await callBuiltin('postgres_query', { ...input, connection: 'other' })).toMatchObject({ error: { code: 'database-not-configured' } });
});

test('a mail is sent once a person has agreed; a dry run only records it', async () => {
  const input = { to: 'ann@example.test', subject: 'Order {{ input.id }}', text: 'On its way.' };
  expect(await callBuiltin('email', { ...input, dry_run: true })).toMatchObject({ status: 'completed', output_json: { result: { sent: false } } });
  expect(mails.caught).toEqual([]);
  const workflow_id = await user.publish([{ id: 'mail', type: 'tool', config: { builtin: 'email', input, requires_approval: true } }]);
  const run_id = await user.accepted('run.create', { workflow_id, input: { id: 7 } });
  const { data } = await user.event(run_id, 'node.waiting');
  const { task_id } = (data['wait'] as { detail: { task_id: string } }).detail;
  expect((await user.event(task_id, 'human_task.created')).data).toMatchObject({ request_payload_json: { builtin: 'email', input: { subject: 'Order 7' } } });
  expect(mails.caught).toEqual([]);
  await user.accepted('human_task.complete', { task_id, status: 'approved', completed_by: 'ann' });
  await user.event(run_id, 'run.completed');
  const [mail] = await Promise.all(mails.caught.map((raw) => PostalMime.parse(raw)));
  expect(mail).toMatchObject({ to: [{ address: 'ann@example.test' }], from: { address: 'agent@platform.test' }, subject: 'Order 7' });
  expect((await user.event(run_id, 'node.completed')).data['output_json']).toMatchObject({ result: { sent: true, message_id: mail?.messageId } });
});

test('a knowledge base can be searched, and the plain HTTP tool needs no definition', async () => {
  const { id: knowledge_base_id } = (await user.api.post('/knowledge/bases', { code: 'desk', name: 'Desk' })).body;
  const { id: document_id } = (await user.api.post('/knowledge/documents', { knowledge_base_id, title: 'Refunds', content_text: 'A refund takes five days.' }))
    .body;
  await expect.poll(async () => (await user.api.get(`/knowledge/documents/${document_id}`)).body.index_status).toBe('indexed');
  expect(await callBuiltin('knowledge_search', { knowledge_base_id, query: 'refund' })).toMatchObject({
    status: 'completed',
    output_text: 'A refund takes five days.',
    output_json: { result: { documents: [{ id: document_id }] } },
  });
  expect(await callBuiltin('http', { url: `${base}/x`, method: 'POST', body: { a: 1 } })).toMatchObject({
    status: 'completed',
    output_text: expect.stringContaining('/x'),
  });
  expect(shop.asked.at(-1)).toBe('POST /x {"a":1}');
  expect(await callBuiltin('http', { url: 'http://169.254.169.254/' })).toMatchObject({ status: 'failed', error: { code: 'egress-denied' } });
});

test('an OpenAPI document becomes tools that can be called; again, only what changed is new', async () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: `${base}/v1` }],
    paths: {
      '/products/{id}': {
        get: {
          operationId: 'getProduct',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'page[size]', in: 'query', schema: { type: 'integer' } },
          ],
        },
      },
      '/products': { post: { operationId: 'addProduct', requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } } },
    },
  };
  const imported = await user.api.post('/tools/imports', { tool_import_id: 'shop', document });
  expect(imported).toMatchObject({ status: 201, body: { changed: ['shop.getProduct', 'shop.addProduct'], skipped: [] } });
  const { data } = await user.event('shop', 'tool_import.imported');
  const [read, add] = data['tools'] as { tool_id: string }[];
  for (const tool of [read, add]) await user.event(tool?.tool_id ?? '', 'tool.version_created');

  const call = async (tool_id: string | undefined, input: object) => (await user.api.post(`/tools/${tool_id}/test`, { input })).body;
  expect(await call(read?.tool_id, { id: 'a/b?c', page_size: 2 })).toMatchObject({ status: 'completed', http_status: 200 });
  expect(shop.asked.at(-1)).toBe('GET /v1/products/a%2Fb%3Fc?page%5Bsize%5D=2 ');
  expect(await call(read?.tool_id, { id: 'a' })).toMatchObject({ status: 'completed' });
  expect(shop.asked.at(-1)).toBe('GET /v1/products/a ');
  expect(await call(read?.tool_id, { id: '..' })).toMatchObject({ reachable: false, reason: expect.stringContaining('schema') });
  expect(await call(add?.tool_id, { body: { name: 'x' } })).toMatchObject({ status: 'completed' });
  expect(shop.asked.at(-1)).toBe('POST /v1/products {"name":"x"}');

  expect((await user.api.post('/tools/imports', { tool_import_id: 'shop', document })).body).toMatchObject({ number: 1, log: { event_id: null } });
  const info = { title: 'Shop', version: '2' };
  const second = await user.api.post('/tools/imports', {
    tool_import_id: 'shop',
    document: { ...document, info, paths: { '/products': document.paths['/products'] } },
  });
  expect(second.body).toMatchObject({ number: 2, changed: [], unchanged: 1, removed: ['shop.getProduct'] });
});

test('what a document says that is answered is shown, and checked only where somebody wants it so', async () => {
  const lie = { type: 'object', properties: { never: { type: 'integer', nullable: true } }, required: ['never'] };
  const get = { operationId: 'get', responses: { 200: { description: 'One', content: { 'application/json': { schema: lie } } } } };
  const document = { openapi: '3.0.3', info: { title: 'Lies', version: '1' }, servers: [{ url: base }], paths: { '/x': { get } } };
  const tested = async (tool_import_id: string, more: object): Promise<{ version: object; result: object }> => {
    expect((await user.api.post('/tools/imports', { tool_import_id, document, ...more })).status).toBe(201);
    const { data } = await user.event(tool_import_id, 'tool_import.imported');
    const [tool] = data['tools'] as [{ tool_id: string; tool_version_id: string }];
    const { id } = await user.event(tool.tool_id, 'tool.version_created');
    const version = (await after(`/tools/versions/${tool.tool_version_id}`, id)) as object;
    return { version, result: (await user.api.post(`/tools/${tool.tool_id}/test`, {})).body as object };
  };
  const output_schema_json = { ...lie, properties: { never: { type: ['integer', 'null'] } } };
  expect(await tested('lies', {})).toMatchObject({ version: { output_schema_json, check_output: false }, result: { status: 'completed' } });
  const checked = await tested('checked', { check_outputs: true });
  expect(checked).toMatchObject({ version: { output_schema_json, check_output: true }, result: { status: 'failed', reachable: true } });
});

test('an OpenAPI document may be a file, a text or an address; what can’t be read says where', async () => {
  const yaml = `openapi: 3.0.3\ninfo: { title: Files, version: "1" }\nservers: [{ url: "${base}/f" }]\npaths:\n  /x: { get: { operationId: getX } }\n`;
  const form = new FormData();
  form.append('tool_import_id', 'byfile');
  form.append('headers', '{"x-a": "1"}');
  form.append('file', new Blob([yaml]), 'shop.yaml');
  const send = (path: string, body: FormData | string, type?: string) =>
    fetch(`${platform.url}/api/v1${path}`, { method: 'POST', body, headers: { 'x-workspace-id': user.workspace, ...(type && { 'content-type': type }) } });
  const byFile = await send('/tools/imports', form);
  expect([byFile.status, await byFile.json()]).toMatchObject([201, { id: 'byfile', status: 'imported', title: 'Files', changed: ['byfile.getX'] }]);
  const byText = await send('/tools/imports?tool_import_id=bytext', yaml, 'application/yaml');
  expect([byText.status, await byText.json()]).toMatchObject([201, { changed: ['bytext.getX'] }]);
  const broken = await send('/tools/imports?tool_import_id=bytext', 'openapi: 3.0.3\npaths: {', 'application/yaml');
  expect([broken.status, await broken.json()]).toMatchObject([400, { code: 'openapi-invalid', detail: expect.stringMatching(/line 2, column \d+/) as string }]);

  shop.pages.set(
    '/openapi.json',
    JSON.stringify({ openapi: '3.1.0', servers: [{ url: base }], info: { title: 'Web', version: '7' }, paths: { '/y': { get: { operationId: 'getY' } } } }),
  );
  await user.api.post('/secrets', { name: 'docs', value: 'token-of-the-docs' });
  const byUrl = { tool_import_id: 'byurl', document_url: `${base}/openapi.json`, document_headers: { authorization: 'Bearer {{ secrets.docs }}' } };
  expect(await user.api.post('/tools/imports', byUrl)).toMatchObject({ status: 201, body: { status: 'fetching', document_url: byUrl.document_url } });
  const { id: event_id, data } = await user.event('byurl', 'tool_import.imported');
  expect(await after('/tools/imports/byurl', event_id)).toMatchObject({ status: 'imported', title: 'Web', changed: ['byurl.getY'], error: null });
  const [tool] = data['tools'] as { tool_id: string }[];
  await user.event(tool?.tool_id ?? '', 'tool.version_created');
  expect((await user.api.post(`/tools/${tool?.tool_id}/test`, {})).body).toMatchObject({ status: 'completed', http_status: 200 });

  for (const [document_url, code] of [
    [`${base}/missing`, 'http-status'],
    [`${base}/x`, 'openapi-invalid'],
    ['http://169.254.169.254/openapi.json', 'egress-denied'],
  ]) {
    const tool_import_id = `bad${code?.replace('-', '')}`;
    await user.api.post('/tools/imports', { tool_import_id, document_url });
    expect((await user.event(tool_import_id, 'tool_import.fetch_failed')).data['error']).toMatchObject({ code });
  }
});
