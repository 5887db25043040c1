import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { cleanups, failed, listen, port, serve, toLocal } from './testing/local-servers.ts';

describe('attack corpus C2: names', () => {
  const sneaky = async (answers: string[][], timeout_ms = 30_000) => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('inside'));
    server.on('connection', () => connections++);
    const p = await listen(server);
    let asked = 0;
    const send = port({
      ports: [p],
      resolve: async () => (answers[asked++] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });
    const outcome = await failed(send({ url: `http://rebind.example.com:${p}/`, timeout_ms }));
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
    const outcome = await sneaky([['192.0.1.1'], ['127.0.0.1']], 300);
    expect(outcome).toMatchObject({ kind: 'transient', sent: false, connections: 0, asked: 1 });
  });

  it('answers a name that does not exist like one that points inside', async () => {
    const send = port({ resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })) });
    expect(await failed(send({ url: 'http://nothing.example.com/' }))).toEqual({ code: 'egress-denied', kind: 'invalid', sent: false });
  });

  it('calls a resolver that is down transient, and so an allowed host whose name is not there yet', async () => {
    const broken = (code: string) => () => Promise.reject(Object.assign(new Error('x'), { code }));
    expect(await failed(port({ resolve: broken('EAI_AGAIN') })({ url: 'http://example.com/' }))).toEqual({
      code: 'http-unreachable',
      kind: 'transient',
      sent: false,
    });
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
