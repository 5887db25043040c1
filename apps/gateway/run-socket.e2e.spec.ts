import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RunFrame } from '@agent-platform/contracts/gateway/run.frame';
import { type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let api: Api;
beforeAll(async () => {
  platform = await startTestPlatform();
  api = createApi(platform.url, 'acme');
  const make = async (workflow_id: string, nodes: readonly object[]) => {
    await api.post('/workflows', { workflow_id, name: workflow_id, nodes, edges: [] });
    await api.post(`/workflows/${workflow_id}/publish`);
  };
  await make('ask', [{ id: 'ask', type: 'human', config: { kind: 'approval', title: 'Well?' } }]);
  await make('greet', [{ id: 'greet', type: 'answer', config: { answer: 'Hello' } }]);
});
afterAll(() => platform.close());

interface Heard {
  readonly frames: RunFrame[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;
  /** Resolves with the frames when there are so many. */
  has(count: number): Promise<RunFrame[]>;
}

function listen(path: string, options: { readonly headers?: Readonly<Record<string, string>>; readonly prefix?: string } = {}): Heard {
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}${options.prefix ?? '/api/v1'}/runtime/runs/${path}`, {
    headers: { 'x-workspace-id': 'acme', ...options.headers },
  });
  const frames: RunFrame[] = [];
  socket.on('message', (text: Buffer) => frames.push(RunFrame.parse(JSON.parse(text.toString()))));
  const closed = (async () => {
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    return { code, reason: reason.toString() };
  })();
  return {
    frames,
    closed,
    socket,
    async has(count) {
      while (frames.length < count) await once(socket, 'message');
      return frames;
    },
  };
}

const start = async (workflow_id: string): Promise<string> => (await api.post('/runtime/runs', { workflow_id })).body.id;
const typesOf = (frames: readonly RunFrame[]) => frames.map((frame) => (frame.type === 'event' ? frame.data.type : frame.type));

describe('a run over a WebSocket', () => {
  test('a snapshot, every event as it comes with the status after it, the end; then it is closed', async () => {
    const id = await start('ask');
    await expect.poll(async () => (await api.get(`/human/tasks?status=pending&run_id=${id}`)).body.items.length).toBe(1);
    const { frames, closed, has } = listen(`${id}/ws`);
    const [snapshot] = await has(1);
    expect(snapshot).toMatchObject({ type: 'snapshot', run_id: id, status: 'running', data: { id, nodes: { ask: { status: 'waiting' } } } });
    const [task] = (await api.get(`/human/tasks?status=pending&run_id=${id}`)).body.items;
    await api.post(`/human/tasks/${task.id}/complete`, { status: 'approved' });
    expect(await closed).toEqual({ code: 1000, reason: 'the run has ended' });
    expect(typesOf(frames)).toEqual(['snapshot', 'node.completed', 'run.completed', 'end']);
    const first = snapshot && 'sequence' in snapshot ? snapshot.sequence : 0;
    expect(frames.slice(1, 3)).toMatchObject([
      { sequence: first + 1, status: 'running', node_id: 'ask', data: { version: first + 1 } },
      { sequence: first + 2, status: 'completed' },
    ]);
    expect(frames.at(-1)).toMatchObject({ type: 'end', sequence: first + 2, status: 'completed', data: { nodes: { ask: { status: 'completed' } } } });
  });

  test.each(['/api/v1', '/gateway'])('from a version on, nothing is missed and nothing doubled, behind %s', async (prefix) => {
    const id = await start('greet');
    const all = listen(`${id}/ws?from=1`, { prefix });
    expect((await all.closed).code).toBe(1000);
    const events = (await api.get(`/runtime/runs/${id}/events?follow=false`)).body.items;
    expect(all.frames.filter(({ type }) => type === 'event').map(({ data }) => data)).toEqual(events);
    const rest = listen(`${id}/ws?from=${events.length - 1}&workspace_id=acme`, { prefix });
    await rest.closed;
    expect(typesOf(rest.frames)).toEqual([...events.slice(-2).map(({ type }: { type: string }) => type), 'end']);
    expect(rest.frames.map((frame) => 'status' in frame && frame.status)).toEqual(['running', 'completed', 'completed']);
    const late = [listen(`${id}/ws`, { prefix }), listen(`${id}/ws?from=1000`, { prefix })];
    await Promise.all(late.map(({ closed }) => closed));
    expect(late.map(({ frames }) => typesOf(frames))).toEqual([['snapshot', 'end'], ['end']]);
  });

  test('a run that is not there, or another workspace’s, is an error and 4404', async () => {
    const id = await start('greet');
    for (const heard of [listen('nobody/ws'), listen(`${id}/ws`, { headers: { 'x-workspace-id': 'other' } })]) {
      expect(await heard.closed).toEqual({ code: 4404, reason: 'run-not-found' });
      expect(heard.frames).toMatchObject([{ type: 'error', data: { status: 404, code: 'run-not-found' } }]);
    }
  });

  test('who says something is told that nothing can be said', async () => {
    const { closed, has, socket } = listen(`${await start('ask')}/ws`);
    await has(1);
    socket.send('{}');
    expect((await closed).code).toBe(1003);
  });

  test('what is too much to be said is cut', async () => {
    const { closed, has, socket } = listen(`${await start('ask')}/ws`);
    await has(1);
    socket.send('x'.repeat(100_000));
    expect([1006, 1009]).toContain((await closed).code);
  });
});

describe('what is refused before it is one', () => {
  const refused = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const { socket } = listen(path, { headers });
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return [response.statusCode, JSON.parse(Buffer.concat(chunks).toString()).code, response.headers.connection];
  };

  test('bad parameters, a page of another site, a route that is none', async () => {
    expect(await refused('x/ws?from=0')).toEqual([400, 'bad-parameters', 'close']);
    expect(await refused('x/ws?foo=1')).toEqual([400, 'bad-parameters', 'close']);
    expect(await refused('x/ws', { 'x-workspace-id': 'NO' })).toEqual([400, 'bad-workspace', 'close']);
    expect(await refused('x/ws', { origin: 'https://evil.example' })).toEqual([403, 'foreign-origin', 'close']);
    expect(await refused('x/ws', { origin: 'null' })).toEqual([403, 'foreign-origin', 'close']);
    expect(await refused('x/none')).toEqual([404, 'route-unknown', 'close']);
  });

  test('pages of the gateway itself are welcome', async () => {
    const { closed, has, socket } = listen(`${await start('ask')}/ws`, { headers: { origin: platform.url } });
    expect(await has(1)).toMatchObject([{ type: 'snapshot' }]);
    socket.close();
    await closed;
  });

  test('a plain request is told what it is; an upgrade to something else is a plain request, with its body', async () => {
    const plain = await api.get('/runtime/runs/x/ws');
    expect([plain.status, plain.body.code, plain.headers.get('upgrade')]).toEqual([426, 'upgrade-required', 'websocket']);
    const { hostname, port } = new URL(platform.url);
    const socket = connectTcp(Number(port), hostname);
    const body = '{"code":"h2c","name":"Java"}';
    socket.write(
      `POST /api/v1/skills HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toContain('HTTP/1.1 201');
  });

  test('a handshake that is none', async () => {
    const { hostname, port } = new URL(platform.url);
    const socket = connectTcp(Number(port), hostname);
    socket.write('GET /api/v1/runtime/runs/x/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 400');
    socket.destroy();
    expect((await api.get('/workflows/greet')).status).toBe(200);
  });
});

test('a gateway that shuts down says so, and does not wait for its readers', async () => {
  const { closed, has } = listen(`${await start('ask')}/ws`);
  await has(1);
  await Promise.all([platform.stop('gateway'), expect(closed).resolves.toMatchObject({ code: 1001 })]);
});
