import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openPublic, type PeerRules } from './connection.guard.ts';
import { exchange } from './exchange.ts';

const LIMITS = { headerBytes: 16_384, timeoutMs: 5_000 };
const LOOPBACK = [{ address: '127.0.0.1', family: 4 }];
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that counts connections, and a way to call it by the name of a public host. */
async function open(peers: PeerRules) {
  let connections = 0;
  const server = createServer((request, response) => response.end(request.headers.host));
  server.on('connection', () => connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => new Promise((done) => server.close(done)));
  const url = new URL(`http://api.example.com:${(server.address() as AddressInfo).port}/`);
  const call = async () => {
    const client = openPublic(url.origin, LIMITS, peers);
    try {
      return await exchange(client, { url, method: 'GET', headers: {}, body: undefined }, { signal: new AbortController().signal, bodyBytes: 1000 });
    } finally {
      await client.destroy();
    }
  };
  return { call, url, connections: () => connections };
}

describe('a connection to a public host', () => {
  it('goes to the vetted address under the real name, and is used once', async () => {
    const { call, url, connections } = await open({ vet: async () => LOOPBACK, accepts: (address) => address === '127.0.0.1' });
    expect(await call()).toMatchObject({ status: 200, text: url.host });
    expect(await call()).toMatchObject({ status: 200 });
    expect(connections()).toBe(2);
  });

  it('is given up before anything is written when the peer is not acceptable after all', async () => {
    const { call } = await open({ vet: async () => LOOPBACK, accepts: () => false });
    await expect(call()).rejects.toMatchObject({ sent: false, cause: { code: 'egress-denied' } });
  });
});
