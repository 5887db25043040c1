import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountModelProxy } from './model-proxy.ts';
import { installProblems } from './problem-reply.ts';

let upstream: Server;
let gateway: FastifyInstance;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;

beforeEach(async () => {
  upstream = createServer((request, response) => void answer(request, response));
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  gateway = Fastify({ genReqId: () => 'request-1' });
  await gateway.register(
    async (scope) => {
      installProblems(scope);
      mountModelProxy(scope, '/gateway', base, new AbortController().signal);
    },
    { prefix: '/gateway' },
  );
  url = await gateway.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await gateway.close();
});

test('method, query, body, headers, status and content type go through as they are', async () => {
  let seen: object = {};
  answer = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { 'content-type': type, authorization, 'x-request-id': id, cookie } = request.headers;
    seen = { method: request.method, url: request.url, body, type, authorization, id, cookie };
    response.writeHead(418, { 'content-type': 'application/x-tea', 'set-cookie': 'a=b', 'x-own': '1' }).end('short and stout');
  };
  const got = await fetch(`${url}/gateway/models/chat/completions?a=1&b=%20`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-cup', authorization: 'Bearer t', cookie: 'secret=1' },
    body: 'not { json',
  });
  expect([got.status, got.headers.get('content-type'), got.headers.get('x-own'), got.headers.get('set-cookie'), await got.text()]).toEqual([
    418,
    'application/x-tea',
    '1',
    null,
    'short and stout',
  ]);
  expect(seen).toEqual({
    method: 'POST',
    url: '/models/chat/completions?a=1&b=%20',
    body: 'not { json',
    type: 'application/x-cup',
    authorization: 'Bearer t',
    id: 'request-1',
    cookie: undefined,
  });
});

test('a stream comes through chunk by chunk', async () => {
  let end = (): void => undefined;
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    end = () => response.end('data: [DONE]\n\n');
  };
  const reader = (await fetch(`${url}/gateway/models/chat/completions`, { method: 'POST', body: '{}' })).body?.getReader();
  // The first chunk is here while the answer is still being made.
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
  end();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: [DONE]\n\n');
});

test('a caller that goes away ends the call upstream, before and within the answer', async () => {
  for (const begin of [false, true]) {
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        if (begin) response.writeHead(200).write('x');
        response.once('close', resolve);
        if (!begin) caller.abort();
      };
    });
    const caller = new AbortController();
    const call = fetch(`${url}/gateway/models/chat/completions`, { method: 'POST', body: '{}', signal: caller.signal }).then(
      () => caller.abort(),
      () => undefined,
    );
    await Promise.all([closed, call]);
  }
});

test('nothing but /models can be reached', async () => {
  answer = (request, response) => response.end(request.url);
  for (const path of ['/models/..%2fready', '/models/%2e%2e/ready', '/models/x/%2E%2E/%2e%2e/ready', '/modelsx']) {
    const got = await fetch(`${url}/gateway${path}`);
    expect([path, got.status]).toEqual([path, 404]);
  }
  expect(await (await fetch(`${url}/gateway/models`)).text()).toBe('/models');
});

test('a model gateway that is away is 503, and says when to try again', async () => {
  upstream.close();
  const got = await fetch(`${url}/gateway/models/chat/completions`, { method: 'POST', body: '{}' });
  expect([got.status, got.headers.get('retry-after'), ((await got.json()) as { code: string }).code]).toEqual([503, '1', 'model-gateway-unavailable']);
  const client = new OpenAI({ baseURL: `${url}/gateway/models`, apiKey: 'x', maxRetries: 0 });
  await expect(client.models.list()).rejects.toMatchObject({
    status: 503,
    code: 'model-gateway-unavailable',
    type: 'server_error',
    message: expect.stringContaining('try again shortly'),
  });
});
