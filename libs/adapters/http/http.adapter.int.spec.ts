import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '@agent-platform/kernel/index';
import { mayHaveArrived, type HttpRequest } from '@agent-platform/ports/http.port';
import { createHttpPort, type HttpPortConfig } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener) => listen(createServer(listener));
const serveRaw = (onData: (socket: Socket) => void) =>
  listen(createTcpServer((socket) => socket.once('data', () => onData(socket))));

function port(config: HttpPortConfig) {
  const made = createHttpPort(config);
  cleanups.push(() => made.close());
  return (request: Partial<HttpRequest> & { url: string }, signal = new AbortController().signal) =>
    made.send({ method: 'GET', headers: {}, timeout_ms: 5_000, ...request }, { signal });
}

const toLocal = (ports: number[], config: HttpPortConfig = {}) => port({ allow: ports.map((p) => `127.0.0.1:${p}`), ...config });

const failed = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  return { code: error.code, kind: error.kind, sent: mayHaveArrived(error) };
};

describe('what is sent and answered', () => {
  it('sends method, headers and body, and answers any status', async () => {
    const p = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => response.writeHead(418, { 'x-a': ['1', '2'] }).end(`${request.method} ${request.url} ${request.headers['x-key']} ${body}`));
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
    for (const request of [{ headers: { a: 'b\r\nc: d' } }, { headers: { 'a b': 'c' } }, { headers: { a: 'x'.repeat(20_000) } }, { method: 'CONNECT' }, { method: 'GET /' }, { body: 'x'.repeat(1_000_001) }]) {
      expect(await failed(send({ url, ...request }))).toEqual({ code: 'bad-request-shape', kind: 'invalid', sent: false });
    }
  });
});

describe('attack corpus C2: names', () => {
  const sneaky = async (answers: string[][], url = 'http://rebind.example.com/') => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('inside'));
    server.on('connection', () => connections++);
    const p = await listen(server);
    let asked = 0;
    const send = port({
      ports: [p],
      resolve: async () => (answers[asked++] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });
    const outcome = await failed(send({ url: url.replace('.com/', `.com:${p}/`), timeout_ms: 300 }));
    return { ...outcome, connections, asked };
  };

  it.each([
    ['loopback', ['127.0.0.1']],
    ['public and private', ['93.184.216.34', '10.0.0.1']],
    ['A public, AAAA loopback', ['93.184.216.34', '::1']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['99 public and one inside', [...Array.from({ length: 99 }, (_, i) => `8.8.8.${i}`), '127.0.0.1']],
    ['scoped', ['fe80::1%lo']],
    ['no address', []],
  ])('%s: denied with no connection', async (_name, addresses) => {
    expect(await sneaky([addresses])).toEqual({ code: 'egress-denied', kind: 'invalid', sent: false, connections: 0, asked: 1 });
  });

  it('asks DNS once per connection, so an answer that changes afterwards has no effect', async () => {
    // 192.0.1.1 counts as public and is assigned to nobody: the connection fails or hangs.
    const outcome = await sneaky([['192.0.1.1'], ['127.0.0.1']]);
    expect(outcome).toMatchObject({ kind: 'transient', sent: false, connections: 0, asked: 1 });
  });

  it('answers a name that does not exist like one that points inside', async () => {
    const send = port({ resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })) });
    expect(await failed(send({ url: 'http://nothing.example.com/' }))).toEqual({ code: 'egress-denied', kind: 'invalid', sent: false });
  });

  it('calls a resolver that is down transient, and so an allowed host whose name is not there yet', async () => {
    const broken = (code: string) => () => Promise.reject(Object.assign(new Error('x'), { code }));
    expect(await failed(port({ resolve: broken('EAI_AGAIN') })({ url: 'http://example.com/' }))).toEqual({ code: 'http-unreachable', kind: 'transient', sent: false });
    const send = port({ allow: ['tool:80'], resolve: broken('ENOTFOUND') });
    expect(await failed(send({ url: 'http://tool/' }))).toEqual({ code: 'http-unreachable', kind: 'transient', sent: false });
  });

  it('takes no notice of proxy variables', async () => {
    const p = await serve((_request, response) => response.end('direct'));
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' });
    cleanups.push(() => {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    });
    expect((await toLocal([p])({ url: `http://127.0.0.1:${p}/` })).text).toBe('direct');
  });
});

describe('attack corpus C2: redirects', () => {
  const redirecting = (status: number, location: string) =>
    serve((_request, response) => response.writeHead(status, { location }).end());

  it.each(['http://169.254.169.254/latest', 'http://10.0.0.1/', 'file:///etc/passwd', '//localhost/', 'http://2130706433/', 'gopher://x/', 'http://u@example.com/', 'http://0177.0.0.1/'])(
    'to %s: denied, and known to be sent',
    async (location) => {
      const p = await redirecting(302, location);
      expect(await failed(toLocal([p])({ url: `http://127.0.0.1:${p}/` }))).toEqual({ code: 'egress-denied', kind: 'invalid', sent: true });
    },
  );

  it('follows three, not four, and ends loops', async () => {
    const p = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const send = toLocal([p]);
    expect((await send({ url: `http://127.0.0.1:${p}/3` })).text).toBe('there');
    expect(await failed(send({ url: `http://127.0.0.1:${p}/4` }))).toEqual({ code: 'redirect-refused', kind: 'invalid', sent: true });
    const loop = await redirecting(307, '/');
    expect(await failed(toLocal([loop])({ url: `http://127.0.0.1:${loop}/` }))).toMatchObject({ code: 'redirect-refused' });
  });

  it('drops every credential when the origin changes and keeps them when it does not', async () => {
    const echo = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const p = await serve((request, response) => {
      if (request.url === '/same') response.writeHead(302, { location: '/echo' }).end();
      else if (request.url === '/echo') response.end(JSON.stringify(request.headers));
      else response.writeHead(302, { location: `http://127.0.0.1:${echo}/` }).end();
    });
    const send = toLocal([p, echo]);
    const headers = { authorization: 'Bearer s3cret', cookie: 's3cret', 'x-my-key': 's3cret', accept: 'text/x' };
    const crossed = (await send({ url: `http://127.0.0.1:${p}/`, headers })).text;
    expect(crossed).not.toContain('s3cret');
    expect(crossed).toContain('text/x');
    expect((await send({ url: `http://127.0.0.1:${p}/same`, headers })).text.match(/s3cret/g)).toHaveLength(3);
  });

  it('turns a POST into a GET for 302 and 303, keeps it for 307, and never takes the body across', async () => {
    const echo = await serve((request, response) => response.end(request.method));
    const p = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const [, status, where] = (request.url ?? '').split('/');
        if (status === 'end') response.end(`${request.method}:${body}:${request.headers['content-type'] ?? ''}`);
        else response.writeHead(Number(status), { location: where === 'away' ? `http://127.0.0.1:${echo}/` : '/end' }).end();
      });
    });
    const send = toLocal([p, echo]);
    const post = (path: string) => send({ url: `http://127.0.0.1:${p}${path}`, method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
    expect((await post('/302')).text).toBe('GET::');
    expect((await post('/303')).text).toBe('GET::');
    expect((await post('/307')).text).toBe('POST:x:text/plain');
    expect((await post('/303/away')).text).toBe('GET');
    expect(await failed(post('/307/away'))).toEqual({ code: 'redirect-refused', kind: 'invalid', sent: true });
  });

  it('answers a redirect without a location as it is', async () => {
    const p = await serve((_request, response) => response.writeHead(302).end('nowhere'));
    expect(await toLocal([p])({ url: `http://127.0.0.1:${p}/` })).toMatchObject({ status: 302, text: 'nowhere' });
  });
});

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
