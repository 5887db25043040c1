import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

/** A shop that notes what it is asked, and answers as the test says: by path, call by call. */
interface Shop {
  readonly server: Server;
  readonly address: string;
  readonly calls: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  readonly answers: Map<string, ((response: ServerResponse) => void)[]>;
}

async function openShop(): Promise<Shop> {
  const calls: Shop['calls'] = [];
  const answers: Shop['answers'] = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const path = request.url ?? '';
      calls.push({ path, headers: request.headers, body });
      const answer = answers.get(path)?.shift() ?? ((one) => one.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}'));
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, calls, answers, address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
}

let shop: Shop;
let platform: TestPlatform;
let user: User;

beforeAll(async () => {
  shop = await openShop();
  platform = await startTestPlatform({ egressAllow: [shop.address] });
  user = await createUser(platform);
});
afterAll(async () => {
  await user.close();
  await platform.close();
  shop.server.closeAllConnections();
  shop.server.close();
});

const busy = (response: ServerResponse) => void response.writeHead(503).end('later');
const cut = (response: ServerResponse) => void response.destroy();
const lost = (response: ServerResponse) => void response.writeHead(504).end('lost');

/** A run of one POST to a path of its own, with a retry policy; the calls it made, once it has ended. */
async function order(answers: ((response: ServerResponse) => void)[], invoke: object, end: 'run.completed' | 'run.failed') {
  const path = `/orders/${randomUUID().slice(0, 8)}`;
  shop.answers.set(path, answers);
  const code = `order-${randomUUID().slice(0, 8)}`;
  const tool_id = await user.accepted('tool.create', { code, name: code, tool_type: 'http' });
  await user.accepted('tool.create_version', {
    tool_id,
    invoke_config_json: { method: 'POST', url: `http://${shop.address}${path}`, body: { n: 1 }, ...invoke },
  });
  const workflow_id = await user.publish([{ id: 'call', type: 'tool', config: { tool_id }, retry: { max_attempts: 3, delay_ms: 10 } }]);
  const runId = await user.accepted('run.create', { workflow_id });
  await user.event(runId, end);
  return { runId, calls: shop.calls.filter((call) => call.path === path) };
}

const keysOf = (calls: Shop['calls']) => [...new Set(calls.map(({ headers }) => headers['idempotency-key']))];

test('all attempts at a POST carry one key, so that the other side can know them as the same', async () => {
  const { runId, calls } = await order([busy, busy], {}, 'run.completed');
  expect(calls).toHaveLength(3);
  expect(keysOf(calls)).toEqual([`${user.workspace}/${runId}/call`]);
});

test('a POST that may be repeated is, after its answer was lost, under the same key', async () => {
  const { runId, calls } = await order([cut, lost], { idempotent: true }, 'run.completed');
  expect(calls).toHaveLength(3);
  expect(keysOf(calls)).toEqual([`${user.workspace}/${runId}/call`]);
});

test.each([
  ['its connection broke', cut],
  ['a gateway lost it', lost],
])('a POST that must not be repeated is not, when %s: the run fails visibly', async (_, answer) => {
  const { calls } = await order([answer], {}, 'run.failed');
  expect(calls).toHaveLength(1);
});

const bodiesOf = (path: string): string[] => shop.calls.filter((call) => call.path === path).map(({ body }) => body);
const after = async (path: string, event_id: string) => (await user.api.get(`${path}?read_after=${event_id}`)).body;

async function bound(invoke_config_json: object): Promise<{ tool_id: string; tool_binding_id: string }> {
  const code = `bound-${randomUUID().slice(0, 8)}`;
  const tool_id = await user.accepted('tool.create', { code, name: code, tool_type: 'http' });
  await user.accepted('tool.create_version', { tool_id, invoke_config_json });
  const tool_binding_id = await user.accepted('tool.create_binding', { tool_id, config_json: { base_url: `http://${shop.address}` } });
  return { tool_id, tool_binding_id };
}

test('a tool can demand that a person approves each call before it is made', async () => {
  await user.api.post('/secrets', { name: 'pay_token', value: 'token-of-the-bank' });
  const invoke = { method: 'POST', path: '/pay', headers: { authorization: 'Bearer {{ secrets.pay_token }}' }, requires_approval: true };
  const { tool_binding_id } = await bound(invoke);
  const workflow_id = await user.publish([{ id: 'pay', type: 'tool', config: { tool_binding_id, body: { amount: 5 } } }]);
  const begin = async () => {
    const run_id = await user.accepted('run.create', { workflow_id });
    const { data } = await user.event(run_id, 'node.waiting');
    const wait = data['wait'] as { detail: { task_id: string } };
    return { run_id, task_id: wait.detail.task_id };
  };
  const callOf = async ({ run_id }: { run_id: string }, event: string) => after(`/tools/calls/${run_id}:pay:1`, (await user.event(run_id, event)).id);
  const yes = await begin();
  const no = await begin();
  expect(await callOf(yes, 'node.waiting')).toMatchObject({ status: 'selected', task_id: yes.task_id, started_at: null, request: { method: 'POST' } });
  const task = await user.event(yes.task_id, 'human_task.created');
  expect(task.data).toMatchObject({
    task_type: 'approval',
    title: expect.stringContaining('Call of '),
    request_payload_json: { method: 'POST', url: `http://${shop.address}/pay`, body: '{"amount":5}' },
  });
  expect(JSON.stringify(task.data)).not.toContain('token-of-the-bank');
  expect(bodiesOf('/pay')).toEqual([]);

  await user.accepted('human_task.complete', { task_id: yes.task_id, status: 'approved', completed_by: 'ann' });
  await user.event(yes.run_id, 'run.completed');
  expect(bodiesOf('/pay')).toEqual(['{"amount":5}']);
  expect(user.seen(yes.run_id).filter(({ type }) => type === 'node.started')).toMatchObject([
    { data: { attempt: 1, request: { approval: { approved_by: null } } } },
    { data: { attempt: 1, request: { approval: { approved_by: 'ann' } } } },
  ]);

  await user.accepted('human_task.complete', { task_id: no.task_id, status: 'rejected', completed_by: 'ann' });
  await user.event(no.run_id, 'run.failed');
  expect((await user.event(no.run_id, 'node.failed')).data['error']).toMatchObject({ code: 'tool-not-approved' });
  expect(await callOf(yes, 'run.completed')).toMatchObject({ status: 'completed', task_id: yes.task_id, started_at: expect.any(String) });
  expect(await callOf(no, 'run.failed')).toMatchObject({ status: 'skipped', task_id: no.task_id, error: { code: 'tool-not-approved' }, started_at: null });

  const hurried = [{ id: 'pay', type: 'tool', config: { tool_binding_id, body: { amount: 5 }, approval_timeout_seconds: 0.2 } }];
  const late = await user.accepted('run.create', { workflow_id: await user.publish(hurried) });
  await user.event(late, 'run.failed');
  expect((await user.event(late, 'node.failed')).data['error']).toMatchObject({
    code: 'tool-not-approved',
    message: expect.stringContaining('in time') as string,
  });
  expect(bodiesOf('/pay')).toHaveLength(1);
});

test('a call outside of runs waits for its approval, too: it is made, or skipped with the reason', async () => {
  await user.api.post('/secrets', { name: 'ship_token', value: 'token-of-the-carrier' });
  const invoke = { method: 'POST', path: '/ship', headers: { authorization: 'Bearer {{ secrets.ship_token }}' }, requires_approval: true };
  const { tool_id, tool_binding_id } = await bound(invoke);
  const call = { tool_id, tool_binding_id, input: { parcel: 7 } };
  const key = { 'idempotency-key': randomUUID() };
  const asked = await user.api.post('/tools/calls', call, key);
  const { id, task_id } = asked.body;
  expect(asked).toMatchObject({
    status: 202,
    body: { status: 'selected', tool_id, task_id: expect.any(String), request: { url: `http://${shop.address}/ship` } },
  });
  const { body: task } = await user.api.get(`/human/tasks/${task_id}?read_after=${(await user.event(task_id, 'human_task.created')).id}`);
  expect(task).toMatchObject({
    status: 'pending',
    task_type: 'approval',
    title: expect.stringContaining('Call of '),
    run_id: id,
    request_payload_json: { body: '{"parcel":7}' },
  });
  expect(JSON.stringify([task, asked.body])).not.toContain('token-of-the-carrier');
  expect(await after(`/tools/calls/${id}`, asked.body.log.event_id)).toMatchObject({ status: 'selected', task_id, started_at: null });
  expect(bodiesOf('/ship')).toEqual([]);

  // The same again is the same call, which can be waited for.
  const waiting = user.api.post('/tools/calls', call, { ...key, prefer: 'wait=60' });
  expect(await user.api.post(`/human/tasks/${task_id}/complete`, { status: 'approved', completed_by: 'ann' })).toMatchObject({ status: 200 });
  expect(await waiting).toMatchObject({ status: 200, body: { id, status: 'completed', task_id, output_json: { response: { status: 200 } } } });
  expect(bodiesOf('/ship')).toEqual(['{"parcel":7}']);
  await user.event(id, 'tool_call.completed');
  const types = user.seen(id).map(({ type }) => type);
  expect(types).toEqual(['tool_call.created', 'tool_call.started', 'tool_call.asked', 'tool_call.started', 'tool_call.completed']);

  const tried = await user.api.post(`/tools/${tool_id}/test`, { tool_binding_id });
  expect(tried).toMatchObject({ status: 202, body: { status: 'selected', reachable: null, reason: expect.stringContaining(tried.body.task_id) } });
  await user.api.post(`/human/tasks/${tried.body.task_id}/complete`, { status: 'rejected', completed_by: 'ann' });
  const { id: skipped } = await user.event(tried.body.tool_call_id, 'tool_call.skipped');
  const read = await after(`/tools/calls/${tried.body.tool_call_id}`, skipped);
  expect(read).toMatchObject({
    status: 'skipped',
    error: { code: 'tool-not-approved', message: expect.stringContaining('rejected by ann') },
    duration_ms: null,
  });

  const given = await user.api.post('/tools/calls', call);
  await user.api.post(`/tools/calls/${given.body.id}/cancel`, {});
  expect((await user.event(given.body.task_id, 'human_task.cancelled')).data).toMatchObject({ run_id: given.body.id });
  expect(bodiesOf('/ship')).toHaveLength(1);
});

test('over MCP such a call waits with progress, and is made; where nobody hears of progress the answer says whom to ask', async () => {
  const { tool_id, tool_binding_id } = await bound({ method: 'POST', path: '/send', requires_approval: true });
  await after(`/tools/bindings/${tool_binding_id}`, (await user.event(tool_id, 'tool.binding_created')).id);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { 'x-workspace-id': user.workspace } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), { requestInit }));
  const answer = (task: string, status: string) => user.accepted('human_task.complete', { task_id: task, status, completed_by: 'ann' });
  const heard = (status: string) => {
    const onprogress = ({ message = '' }: { readonly message?: string | undefined }): void => {
      const [, task] = /waits for a person: task (\S+)/.exec(message) ?? [];
      if (task !== undefined) void answer(task, status);
    };
    return client.callTool({ name: `tool_${tool_id}`, arguments: { n: 1 } }, { onprogress });
  };
  expect(await heard('approved')).toMatchObject({ structuredContent: { status: 'completed' }, content: [{ text: '{"done":true}' }] });
  expect(await heard('rejected')).toMatchObject({ isError: true, structuredContent: { status: 'skipped', error: { code: 'tool-not-approved' } } });
  expect(bodiesOf('/send')).toEqual(['{"n":1}']);

  const told = await client.callTool({ name: `tool_${tool_id}`, arguments: { n: 2 } });
  const { run_id, open_tasks } = told.structuredContent as { run_id: string; open_tasks: [string] };
  const text = expect.stringContaining(`task ${open_tasks[0]}`) as string;
  expect(told).toMatchObject({ isError: true, structuredContent: { status: 'selected' }, content: [{ text }, { type: 'resource_link' }] });
  await answer(open_tasks[0], 'approved');
  const end = await client.callTool({ name: 'get_run', arguments: { run_id } }, { onprogress: () => undefined });
  expect(end).toMatchObject({ structuredContent: { status: 'completed', tool_call_id: run_id } });
  await client.close();
});
