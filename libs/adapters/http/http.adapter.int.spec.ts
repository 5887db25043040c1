import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { failed, listen, port, serve, toLocal } from './testing/local-servers.ts';

describe('what is sent and answered', () => {
  it('sends method, headers and body, and answers any status', async () => {
    const p = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () =>
        response.writeHead(418, { 'x-a': ['1', '2'] }).end(`${request.method} ${request.url} ${String(request.headers['x-key'])} ${body}`),
      );
    });
    const answer = await toLocal([p])({ url: `http://127.0.0.1:${p}/a?b=c`, method: 'post', headers: { 'X-Key': 'k' }, body: 'hällo' });
    expect(answer).toMatchObject({ status: 418, text: 'POST /a?b=c k hällo', truncated: false });
    expect(answer.headers['x-a']).toBe('1, 2');
  });

  it('keeps the connection to an allowed host alive', async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const p = await listen(server);
    const send = toLocal([p]);
    for (let i = 0; i < 10; i++) await send({ url: `http://127.0.0.1:${p}/` });
    // Two, because an answer is handed on just before its connection is free again.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('makes text storable: no NUL, well-formed, the named charset', async () => {
    const bodies: Record<string, [string, Buffer]> = {
      '/nul': ['text/plain', Buffer.from('a\0b')],
      '/bad': ['text/plain', Buffer.from([0x61, 0xff, 0x62])],
      '/latin': ['text/plain; charset=latin1', Buffer.from([0xe4])],
      '/unknown': ['text/plain; charset=nope', Buffer.from('ä')],
    };
    const p = await serve((request, response) => {
      const [type, body] = bodies[request.url ?? ''] ?? ['', Buffer.alloc(0)];
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const send = toLocal([p]);
    const texts = await Promise.all(Object.keys(bodies).map(async (path) => (await send({ url: `http://127.0.0.1:${p}${path}` })).text));
    expect(texts).toEqual(['a\uFFFDb', 'a\uFFFDb', 'ä', 'ä']);
  });

  it('undoes gzip and knows an empty encoded body', async () => {
    const p = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(request.method === 'HEAD' ? undefined : gzipSync('x'.repeat(100_000)));
    });
    const send = toLocal([p]);
    expect((await send({ url: `http://127.0.0.1:${p}/` })).text).toHaveLength(100_000);
    expect((await send({ url: `http://127.0.0.1:${p}/`, method: 'HEAD' })).text).toBe('');
  });

  it.each(['host', 'Connection', 'transfer-encoding', 'Content-Length', 'proxy-authorization', 'upgrade', 'TE'])('refuses a header %s', async (name) => {
    const send = port({});
    expect(await failed(send({ url: 'http://example.com/', headers: { [name]: 'x' } }))).toEqual({ code: 'bad-request-shape', kind: 'invalid', sent: false });
  });

  it('refuses split headers, odd methods and bodies that are too long, before anything is sent', async () => {
    const send = port({});
    const url = 'http://example.com/';
    for (const request of [
      { headers: { a: 'b\r\nc: d' } },
      { headers: { 'a b': 'c' } },
      { headers: { a: 'x'.repeat(20_000) } },
      { method: 'CONNECT' },
      { method: 'GET /' },
      { body: 'x'.repeat(1_000_001) },
    ]) {
      expect(await failed(send({ url, ...request }))).toEqual({ code: 'bad-request-shape', kind: 'invalid', sent: false });
    }
  });
});
