import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cleanups, failed, serve, serveRaw, toLocal } from './testing/local-servers.ts';

describe('attack corpus C2: answers without end or shape', () => {
  it('cuts an endless body at the limit and closes the connection', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((done) => (closed = done));
    const p = await serve((_request, response) => {
      const pump = () => {
        while (response.write(Buffer.alloc(64 * 1024, 'ä'))) continue;
      };
      response.on('drain', pump).on('close', () => closed());
      pump();
    });
    const answer = await toLocal([p])({ url: `http://127.0.0.1:${p}/` });
    expect(answer.truncated).toBe(true);
    expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(1_000_000);
    expect(answer.text.endsWith('ä')).toBe(true);
    await gone;
  });

  it('cuts a gzip bomb without unpacking it', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const p = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage().rss;
    const answer = await toLocal([p], { limits: { bodyBytes: 50_000 } })({ url: `http://127.0.0.1:${p}/` });
    expect(answer).toMatchObject({ truncated: true });
    expect(answer.text).toHaveLength(50_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  const unreachable = { code: 'http-unreachable', kind: 'transient', sent: true };
  it.each([
    ['corrupt gzip', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd'],
    ['unknown encoding', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip, br\r\ncontent-length: 4\r\n\r\nabcd'],
    ['body shorter than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd'],
    ['300 KB header', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(300_000)}\r\n\r\n`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'],
    ['nothing', ''],
  ])('%s', async (_name, answer) => {
    const p = await serveRaw((socket) => socket.end(answer));
    expect(await failed(toLocal([p])({ url: `http://127.0.0.1:${p}/` }))).toEqual(unreachable);
  });

  it('gives up slow headers, slow bodies and silence at the deadline', async () => {
    const timeout = { code: 'http-timeout', kind: 'transient', sent: true };
    for (const start of ['', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab']) {
      const p = await serveRaw((socket) => socket.write(start));
      expect(await failed(toLocal([p])({ url: `http://127.0.0.1:${p}/`, timeout_ms: 60 }))).toEqual(timeout);
    }
  });

  it('stops at the signal, before and during the request', async () => {
    const p = await serveRaw((socket) => socket.write('HTTP/1.1 200'));
    const send = toLocal([p]);
    const controller = new AbortController();
    const running = failed(send({ url: `http://127.0.0.1:${p}/` }, controller.signal));
    setImmediate(() => controller.abort());
    expect(await running).toMatchObject({ code: 'http-aborted', kind: 'transient' });
    expect(await failed(send({ url: `http://127.0.0.1:${p}/` }, controller.signal))).toEqual({ code: 'http-aborted', kind: 'transient', sent: false });
  });

  it('knows that a refused connection sent nothing', async () => {
    const p = await serve(() => undefined);
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
    expect(await failed(toLocal([p])({ url: `http://127.0.0.1:${p}/` }))).toEqual({ code: 'http-unreachable', kind: 'transient', sent: false });
  });
});
