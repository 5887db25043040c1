import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from '@agent-platform/test/support/api';
import { readEvents } from '@agent-platform/test/support/event-source';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let api: Api;
let shop: Server;
let shopUrl: string;
const calls: string[] = [];

beforeAll(async () => {
  shop = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json').end('{"price":12}');
  });
  const port = await new Promise<number>((resolve) => shop.listen(0, '127.0.0.1', () => resolve((shop.address() as { port: number }).port)));
  shopUrl = `http://127.0.0.1:${port}`;
  platform = await startTestPlatform({ egressAllow: [`127.0.0.1:${port}`] });
  api = createApi(platform.url, 'acme');
  await publish('greet', [{ id: 'greet', type: 'template-transform', config: { template: 'Hello {{ input.name }}' } }]);
  await publish(
    'approve',
    [
      { id: 'ask', type: 'human', config: { title: 'Refund?' } },
      { id: 'done', type: 'answer', config: { template: 'refunded' } },
    ],
    [{ source: 'ask', target: 'done', condition: 'approved' }],
  );
});
afterAll(async () => {
  await platform.close();
  shop.close();
});

async function publish(workflow_id: string, nodes: readonly object[], edges: readonly object[] = []): Promise<void> {
  await api.post('/workflows', { workflow_id, name: workflow_id, nodes, edges });
  const published = await api.post(`/workflows/${workflow_id}/publish`);
  expect([published.status, published.body.errors]).toEqual([200, undefined]);
}

const workspace = { 'x-workspace-id': 'acme' };
const eventsOf = (runId: string) => `${platform.url}/api/v1/runtime/runs/${runId}/events`;
const typesOf = async (runId: string): Promise<string[]> =>
  (await api.get(`/streams/run/${runId}/events`)).body.items.map((event: { type: string }) => event.type);

describe('waiting for the end', () => {
  test.each([
    ['/runtime/runs', { workflow_id: 'greet' }],
    ['/workflows/greet/runs', {}],
    ['/workflows/greet/execute', {}],
  ])('POST %s answers after it', async (path, body) => {
    const run = await api.post(path, { ...body, input: { name: 'Ada' } }, { prefer: 'respond-async, wait=10' });
    expect([run.status, run.body.status, run.body.output_text]).toEqual([200, 'completed', 'Hello Ada']);
    expect(run.headers.get('preference-applied')).toBe('wait=10');
    // The answer's event is the last one: a read that waits for it sees the end.
    expect((await api.getAfter(run, `/runtime/runs/${run.body.id}`)).body).toMatchObject({ status: 'completed', output_text: 'Hello Ada' });
    expect((await api.getAfter(run, `/runtime/runs/${run.body.id}/node-runs`)).body.items).toMatchObject([
      { node_id: 'greet', status: 'completed', output_text: 'Hello Ada' },
    ]);
  });

  test('without a preference a creation answers at once; past the limit the answer is what it is by then', async () => {
    const created = await api.post('/runtime/runs', { workflow_id: 'approve' });
    expect([created.status, created.body.status]).toEqual([201, 'running']);
    const waited = await api.post('/workflows/approve/execute', {}, { prefer: 'wait=1' });
    expect([waited.status, waited.body.status]).toEqual([202, 'running']);
    expect(waited.body.nodes.ask.status).toBe('waiting');
  });

  test('a held run waits for its start; a second start is refused', async () => {
    const held = await api.post('/runtime/runs', { workflow_id: 'greet', start: false });
    expect([held.status, held.body.status]).toEqual([201, 'created']);
    expect((await api.post(`/runtime/runs/${held.body.id}/start`)).status).toBe(200);
    await readEvents(eventsOf(held.body.id), workspace);
    expect((await api.post(`/runtime/runs/${held.body.id}/start`)).status).toBe(409);
  });

  test('an unknown workflow or version appends nothing', async () => {
    const id = { 'x-request-id': 'for-nobody' };
    expect((await api.post('/runtime/runs', { workflow_id: 'nobody' }, id)).status).toBe(404);
    expect((await api.post('/runtime/runs', { workflow_version_id: 'nobody' }, id)).status).toBe(404);
    expect((await api.post('/workflows/nobody/execute', {}, id)).status).toBe(404);
    const after = await api.post('/workflows/greet/execute');
    await api.getAfter(after, '/workflows');
    expect((await api.get('/events?correlation_id=for-nobody')).body.items).toEqual([]);
  });
});

describe('events of a run', () => {
  test('come as they happen, end with the run, and go on after Last-Event-ID', async () => {
    const { body: run } = await api.post('/runtime/runs', { workflow_id: 'greet', start: false, input: { name: 'x' } });
    const live = readEvents(eventsOf(run.id), workspace);
    await api.post(`/runtime/runs/${run.id}/start`);
    const events = await live;
    expect(events.map(({ id, event }) => [id, event])).toEqual((await typesOf(run.id)).map((type, index) => [String(index + 1), type]));
    expect(events.at(-1)?.event).toBe('run.completed');
    expect((await readEvents(eventsOf(run.id), { ...workspace, 'last-event-id': '2' })).map(({ id }) => id)).toEqual(events.slice(2).map(({ id }) => id));
    const json = await api.get(`/runtime/runs/${run.id}/events?follow=false`);
    expect(json.body.items).toHaveLength(events.length);
  });

  test('an unknown run is 404, a made-up Last-Event-ID is 400, another workspace sees nothing', async () => {
    const { body: run } = await api.post('/runtime/runs', { workflow_id: 'approve' });
    expect((await api.get('/runtime/runs/nobody/events')).status).toBe(404);
    expect((await api.get(`/runtime/runs/${run.id}/events`, { 'last-event-id': 'x' })).status).toBe(400);
    expect((await createApi(platform.url, 'other').get(`/runtime/runs/${run.id}/events`)).status).toBe(404);
  });

  test('a listener may go away; the run goes on without it', async () => {
    const { body: run } = await api.post('/runtime/runs', { workflow_id: 'approve' });
    expect(await readEvents(eventsOf(run.id), workspace, { count: 2 })).toHaveLength(2);
    expect((await api.post(`/runtime/runs/${run.id}/cancel`)).status).toBe(200);
    expect((await api.get(`/runtime/runs/${run.id}/events?follow=false`)).body.items.at(-1).type).toBe('run.cancelled');
  });
});

test('a person approves, the run goes on; a task is claimed once', async () => {
  const { body: run } = await api.post('/runtime/runs', { workflow_id: 'approve' });
  const [, , , waiting] = await readEvents(eventsOf(run.id), workspace, { count: 4 });
  const { data } = JSON.parse(waiting?.data ?? '{}');
  const taskId: string = data.wait.detail.task_id;
  const claims = await Promise.all(Array.from({ length: 10 }, (_, person) => api.post(`/human/tasks/${taskId}/claim`, { claimed_by: `person-${person}` })));
  expect(claims.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  const ended = readEvents(eventsOf(run.id), workspace);
  const approved = await api.post(`/human/tasks/${taskId}/complete`, { status: 'approved', response_payload_json: { amount: 5 } });
  expect(approved.status).toBe(200);
  expect((await ended).at(-1)?.event).toBe('run.completed');
  expect((await api.post(`/human/tasks/${taskId}/complete`, { status: 'approved' })).status).toBe(409);
  expect((await api.getAfter(approved, `/human/tasks?run_id=${run.id}`)).body.items).toMatchObject([{ status: 'approved' }]);
});

test('a tool is made, bound and called with the binding’s address', async () => {
  await api.post('/tools', { tool_id: 'shop', code: 'price', name: 'Price', tool_type: 'http' });
  expect((await api.post('/tools', { code: 'price', name: 'Other', tool_type: 'http' })).status).toBe(409);
  await api.post('/tools/versions', { tool_id: 'shop', invoke_config_json: { path: '/price', query: { a: 1, b: 1 } } });
  const bound = await api.post('/tools/bindings', { tool_id: 'shop', tool_binding_id: 'here', config_json: { base_url: shopUrl } });
  expect(bound.status).toBe(201);
  await publish('buy', [{ id: 'price', type: 'tool', config: { tool_binding_id: 'here', query: { b: 2 } } }]);
  const run = await api.post('/workflows/buy/execute', {});
  expect([run.body.status, run.body.error]).toEqual(['completed', null]);
  expect(calls).toEqual(['GET /price?a=1&b=2']);
});

test('a closing gateway ends its event streams and does not wait for runs', async () => {
  const { body: run } = await api.post('/runtime/runs', { workflow_id: 'approve' });
  const open = readEvents(eventsOf(run.id), workspace);
  const waiting = api.post('/workflows/approve/execute', {}, { prefer: 'wait=60', 'x-request-id': 'the-last' });
  await expect.poll(async () => (await api.get('/events?type=node.waiting&correlation_id=the-last')).body.items).toHaveLength(1);
  await platform.stop('gateway');
  expect((await open).at(0)?.event).toBe('run.created');
  expect((await waiting).status).toBe(202);
});
