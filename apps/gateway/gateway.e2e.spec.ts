import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { settledHead } from '@agent-platform/test/support/untouched';

let platform: TestPlatform;
let api: Api;
let root: Api;
beforeAll(async () => {
  platform = await startTestPlatform();
  api = createApi(platform.url, 'acme');
  root = createApi(platform.url, 'acme', '');
  await api.post('/workflows', {
    workflow_id: 'greet',
    name: 'Greet',
    nodes: [{ id: 'greet', type: 'template-transform', config: { template: 'Hello' } }],
    edges: [],
  });
  await api.post('/workflows/greet/publish');
});
afterAll(() => platform.close());

const send = (path: string, headers: Record<string, string>, body?: object) =>
  fetch(`${platform.url}${path}`, { headers: { 'content-type': 'application/json', ...headers }, ...(body && { method: 'POST', body: JSON.stringify(body) }) });

describe('one router under two prefixes', () => {
  test('both answer the same', async () => {
    const made = await createApi(platform.url, 'acme', '/gateway').post('/workflows/apps', { app_id: 'twice', code: 'twice', name: 'Twice' });
    expect(made.status).toBe(201);
    const read = await Promise.all(['/api/v1', '/gateway'].map((prefix) => createApi(platform.url, 'acme', prefix).getAfter(made, '/workflows/apps/twice')));
    expect(read.map(({ status, body }) => [status, body.code])).toEqual([
      [200, 'twice'],
      [200, 'twice'],
    ]);
    expect((await api.get('/workflows/apps/twice/')).status).toBe(200);
  });

  test('what is not there is a problem that leads to /docs', async () => {
    for (const path of ['/nothing', '/api/v1/nothing', '/gateway/nothing', '/api/v1', '/api/v1/workflows/%zz', '/api/v1/workflows/..%2f..%2fready']) {
      const answer = await send(path, {});
      expect([path, answer.status >= 400 && answer.status < 500, answer.headers.get('content-type')]).toEqual([
        path,
        true,
        expect.stringContaining('problem+json'),
      ]);
    }
    expect((await api.get('/runtime/runs/none')).body).toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/^There is no run "none" in workspace "acme"/),
    });
  });

  test('a path that is asked in another way than it takes says which ways those are', async () => {
    for (const [path, allow] of [
      ['/api/v1/runtime/runs', 'GET, HEAD, POST'],
      ['/gateway/runtime/runs/some/', 'GET, HEAD'],
      ['/ready', 'GET, HEAD'],
    ] as const) {
      const answer = await fetch(`${platform.url}${path}`, { method: 'DELETE' });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allow]);
      expect(await answer.json()).toMatchObject({ code: 'method-unknown', detail: expect.stringContaining(`takes ${allow}, not DELETE`) });
    }
  });

  test('what is no HTTP is a problem too', async () => {
    const say = (words: string): Promise<string> => {
      const socket = connectTcp(Number(new URL(platform.url).port), '127.0.0.1');
      socket.write(words);
      return text(socket);
    };
    expect(await say('what is\r\n\r\n')).toMatch(/^HTTP\/1.1 400 Bad Request\r\n.*problem\+json.*"code":"bad-request"/s);
    expect(await say(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 .*"status":431/s);
  });

  test('who opens the address alone is led to /docs', async () => {
    const answer = await fetch(platform.url);
    expect([answer.status, answer.url]).toEqual([200, `${platform.url}/docs`]);
  });
});

describe('created_at', () => {
  test('is in every answer to a command, and the same as the read model has it, however often and however late', async () => {
    const skill = { skill_id: 'dated', code: 'dated', name: 'Dated' };
    const made = await api.post('/skills', skill, { 'idempotency-key': 'dated' });
    const { created_at } = (await api.getAfter(made, '/skills/dated')).body;
    expect(Date.parse(created_at)).toBeGreaterThan(0);
    const again = await api.post('/skills', skill, { 'idempotency-key': 'dated' });
    const changed = await api.patch('/skills/dated', { name: 'Renamed' });
    const unchanged = await api.patch('/skills/dated', { name: 'Renamed' });
    const nats = await connect({ servers: platform.natsUrl });
    const asked = (await nats.request('cmd.acme.skill.update', JSON.stringify({ skill_id: 'dated', name: 'Over NATS' }))).json<{ entity: object }>();
    await nats.close();
    expect([made.body, again.body, changed.body, unchanged.body, asked.entity]).toEqual(Array(5).fill(expect.objectContaining({ id: 'dated', created_at })));
  });

  test('of a version is when the version was made; of a run that is waited for, when the run was', async () => {
    const version = await api.post('/skills/versions', { skill_id: 'dated', runtime_type: 'template', implementation_json: { template: 'Hi' } });
    const { body } = await api.getAfter(version, `/skills/versions/${version.body.id}`);
    expect(version.body.created_at).toBe(body.created_at);
    const run = await api.post('/workflows/greet/execute', {});
    expect(run.body.created_at).toBe((await api.getAfter(run, `/runtime/runs/${run.body.id}`)).body.created_at);
  });
});

describe('the context of a request', () => {
  test('a request id comes back and leads to all that it caused; without one there is a new one', async () => {
    const run = await api.post('/workflows/greet/execute', {}, { 'x-request-id': 'ticket-7' });
    expect(run.headers.get('x-request-id')).toBe('ticket-7');
    // The run has ended when its last event is committed; the log's order is given a moment later.
    const caused = async () => (await api.get('/events?correlation_id=ticket-7')).body.items.map((event: { type: string }) => event.type);
    await expect.poll(caused).toEqual(['run.created', 'node.queued', 'node.started', 'node.completed', 'run.completed']);
    expect((await api.get('/workflows')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await api.get('/workflows', { 'x-request-id': 'a b' })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the workspace is the header, else the query, else the body, else public', async () => {
    const make = async (path: string, headers: Record<string, string>, more: object = {}) =>
      (await (await send(path, headers, { name: 'x', ...more })).json()) as { workspace_id: string };
    expect(await make('/api/v1/workflows?workspace_id=query', { 'x-workspace-id': 'header' })).toMatchObject({ workspace_id: 'header' });
    expect(await make('/api/v1/workflows?tenant_id=query', { 'x-tenant-id': 'tenant' })).toMatchObject({ workspace_id: 'tenant' });
    expect(await make('/api/v1/workflows?tenant_id=query', {})).toMatchObject({ workspace_id: 'query' });
    expect(await make('/api/v1/workflows', {}, { tenant_id: 'inside' })).toMatchObject({ workspace_id: 'inside' });
    expect(await make('/api/v1/workflows', {})).toMatchObject({ workspace_id: 'public' });
    expect(await make('/api/v1/workflows', { 'x-workspace-id': 'a' }, { workspace_id: 'b' })).toMatchObject({ code: 'workspace-mismatch' });
  });

  test('the same idempotency key is the same command; another command under it is refused', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => api.post('/runtime/runs', { workflow_id: 'greet' }, key)));
    for (const other of others) expect(other.body).toEqual(first?.body);
    expect((await api.post('/runtime/runs', { workflow_id: 'greet', input: { other: true } }, key)).body.code).toBe('idempotency-key-reused');
    expect((await api.post('/runtime/runs', { workflow_id: 'greet' }, { 'idempotency-key': 'ü' }).catch(() => ({ status: 400 }))).status).toBe(400);
  });

  test('read_after waits for the write, and says at once when there is no such event', async () => {
    const made = await api.post('/workflows', { name: 'Seen' });
    expect((await api.getAfter(made, `/workflows/${made.body.id}`)).status).toBe(200);
    expect((await api.get(`/workflows/${made.body.id}?read_after=0190a1b2-0000-7000-8000-000000000000`)).body.code).toBe('event-unknown');
    expect((await api.get(`/workflows/${made.body.id}?read_after=soon`)).status).toBe(400);
  });

  test('a path and a body that name different things are refused', async () => {
    expect((await api.post('/workflows/greet/runs', { workflow_id: 'other' })).body.code).toBe('path-mismatch');
    expect((await api.post('/workflows/greet/runs', { workflow_id: 'greet' })).status).toBe(201);
  });
});

describe('the log', () => {
  test('events of other systems are published, found by type, source and time, page by page', async () => {
    const other = createApi(platform.url, 'events');
    for (const number of [1, 2, 3]) {
      const made = await other.post('/events', {
        event_type: 'order.shipped',
        source_service: number === 2 ? 'depot' : 'shop',
        aggregate_type: 'order',
        aggregate_id: `o.${number}`,
        payload_json: { number },
      });
      expect(made.status).toBe(201);
      await platform.base.nats.flush();
    }
    const ids = (answer: { body: { items: { data: { aggregate_id: string } }[] } }) => answer.body.items.map((event) => event.data.aggregate_id);
    await expect.poll(async () => ids(await other.get('/events?type=event.published'))).toEqual(['o.1', 'o.2', 'o.3']);
    const page = await other.get('/events?limit=2');
    expect(ids(page)).toEqual(['o.1', 'o.2']);
    expect(ids(await other.get(`/events?limit=2&cursor=${page.body.next_cursor}`))).toEqual(['o.3']);
    expect(ids(await other.get('/events?source=depot'))).toEqual(['o.2']);
    expect(ids(await other.get(`/events?from=${page.body.items[1].time}`))).toEqual(['o.2', 'o.3']);
    expect((await other.get('/events?from=yesterday')).status).toBe(400);
  });

  test('a stream is replayed on subjects of its own, once somebody listens; nothing acts on it', async () => {
    const { body: run } = await api.post('/workflows/greet/execute', {});
    await expect.poll(async () => (await api.get(`/events?stream_id=${run.id}`)).body.items.length).toBe(5);
    const before = await settledHead(platform);
    const replay = await api.post('/replays', { category: 'run', stream_id: run.id, from: 2, to: 4, delay_ms: 60_000 });
    expect([replay.status, replay.body]).toMatchObject([202, { count: 3, published: 0, state: 'waiting' }]);
    const nats = await connect({ servers: platform.natsUrl });
    const heard: string[] = [];
    for await (const message of nats.subscribe(replay.body.subject)) {
      heard.push(message.subject);
      expect(message.json<{ stream_id: string }>().stream_id).toBe(run.id);
      if (heard.length === 3) break;
    }
    await nats.close();
    expect(heard).toEqual(['node.queued', 'node.started', 'node.completed'].map((type) => `replay.${replay.body.replay_id}.evt.acme.run.${run.id}.${type}`));
    expect(await settledHead(platform)).toBe(before);
  });

  test('a replay can be seen and stopped, and has an id of its own', async () => {
    const wanted = { replay_id: 'mine', category: 'workflow', delay_ms: 60_000 };
    expect((await api.post('/replays', wanted)).status).toBe(202);
    expect((await api.get('/replays/mine')).body).toMatchObject({ state: 'waiting' });
    expect((await api.post('/replays', wanted)).body.code).toBe('replay-exists');
    expect((await api.delete('/replays/mine')).body).toMatchObject({ state: 'stopped' });
    await expect.poll(async () => (await api.get('/replays/mine')).status).toBe(404);
    expect((await api.post('/replays', { stream_id: 'greet' })).body.code).toBe('replay-of-what');
    expect((await api.post('/replays', { category: 'run', stream_id: 'nobody' })).status).toBe(404);
  });
});

describe('documents', () => {
  test('the OpenAPI document lists the routes; the page needs nothing from elsewhere', async () => {
    const { paths } = (await root.get('/openapi.json')).body;
    expect(Object.keys(paths)).toEqual(expect.arrayContaining([expect.stringMatching(/\/runtime\/runs$/)]));
    expect((await root.get('/asyncapi.json')).body).toHaveProperty('channels');
    for (const path of ['/docs', '/redoc']) {
      const page = await root.get(path);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.body).toContain('/runtime/runs');
      expect(page.body).not.toMatch(/<script|<link|<img|src=|https?:\/\/(?!127|localhost)[^"<\s]*\.(?:js|css)/);
    }
  });
});

describe('health', () => {
  test('up: every role, dependency, projection and consumer is listed', async () => {
    expect([(await root.get('/health')).status, (await api.get('/health')).status]).toEqual([200, 200]);
    // Roles have half a second to answer, which a busy machine may not give them.
    await expect.poll(async () => (await root.get('/ready')).status).toBe(200);
    const health = async () => (await createApi(platform.url, 'acme', '/gateway').get('/services/health')).body;
    await expect.poll(health).toMatchObject({ status: 'up' });
    expect((await health()).services.map(({ name }: { name: string }) => name)).toEqual([
      'gateway',
      'commands',
      'relay',
      'projector',
      'executor',
      'scheduler',
      'model-gateway',
      'code-runner',
    ]);
    expect((await api.get('/consumers')).body).toMatchObject({ consumers: expect.arrayContaining([expect.objectContaining({ reader: 'executor-run' })]) });
    await expect.poll(async () => (await api.get('/projections')).body.items.every(({ lag }: { lag: number }) => lag === 0)).toBe(true);
  });

  test('a stopped role is down, the gateway is not ready, reads go on, writes say when to try again', async () => {
    await platform.stop('commands');
    await expect
      .poll(async () => (await root.get('/ready')).body)
      .toMatchObject({
        status: 'not-ready',
        checks: { postgres: { status: 'up' }, nats: { status: 'up' }, commands: { status: 'down' } },
      });
    const { body } = await api.get('/services/health');
    expect(body).toMatchObject({
      status: 'degraded',
      services: expect.arrayContaining([expect.objectContaining({ name: 'commands', status: 'down', instances: 0 })]),
    });
    expect((await api.get('/workflows/greet')).status).toBe(200);
    const write = await api.post('/workflows', { name: 'x' });
    expect([write.status, write.headers.get('retry-after'), write.body.code]).toEqual([503, '1', 'commands-unavailable']);
  });
});
