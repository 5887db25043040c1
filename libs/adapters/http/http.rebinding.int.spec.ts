import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { Failure } from '@agent-platform/kernel/index';
import { describe, expect, it } from 'vitest';
import { createGuardedConnect, createGuardedFetch } from './index.ts';
import type { Resolver } from './lookup.guard.ts';
import { failed, listen, port, serve } from './testing/local-servers.ts';
import { type DnsAnswer, startDns } from './testing/local-dns.ts';

/** Counts as public and is assigned to nobody: a connection fails, or hangs until it is given up. */
const NOBODY = '192.0.1.1';

/** Something inside that nothing may ever reach. */
async function openVictim() {
  const sockets: Socket[] = [];
  const server = createServer((_request, response) => response.end('inside'));
  server.on('connection', (socket) => sockets.push(socket));
  return { port: await listen(server), hits: () => sockets.length };
}

/** What ends by itself has time for it, also on a busy machine; nobody answers at `NOBODY`. */
const PATIENT_MS = 30_000;
const SOON_MS = 150;
const within = (ms: number): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(ms) });
const reasonOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => new Error('it went through'),
    (thrown: unknown) => thrown,
  );
  const root = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  return root instanceof Failure ? root.code : root instanceof Error ? root.name : String(root);
};

/** The three doors: requests of tools, the `fetch` of protocol clients, connections of other protocols. */
const DOORS: Readonly<Record<string, (host: string, at: number, resolve: Resolver, ms: number) => Promise<unknown>>> = {
  request: (host, at, resolve, timeout_ms) => port({ ports: [at], resolve })({ url: `http://${host}:${at}/`, timeout_ms }),
  fetch: (host, at, resolve, ms) => createGuardedFetch({ ports: [at], resolve })(`http://${host}:${at}/`, within(ms)),
  connect: (host, at, resolve, ms) => createGuardedConnect({ ports: [at], resolve })(host, at, within(ms)),
};

describe.each(Object.entries(DOORS))('attack corpus C2: a name server against %s', (_door, open) => {
  it.each<readonly [string, readonly DnsAnswer[], string]>([
    ['an inside address', [['127.0.0.1']], 'egress-denied'],
    ['public first, inside afterwards', [[NOBODY], ['127.0.0.1']], 'given up'],
    ['inside first, public afterwards', [['127.0.0.1'], [NOBODY]], 'egress-denied'],
    ['public and inside in one answer', [[NOBODY, '127.0.0.1']], 'egress-denied'],
    ['public A, inside AAAA', [[NOBODY, '::1']], 'egress-denied'],
    ['a chain of names that ends inside', [{ cname: 'deep.example.com', addresses: ['127.0.0.1'] }], 'egress-denied'],
    ['a chain of names to localhost', [{ cname: 'localhost', addresses: ['127.0.0.1'] }], 'egress-denied'],
    ['the mapped form', [['0:0:0:0:0:ffff:7f00:1']], 'egress-denied'],
    ['a hundred addresses, the last one inside', [[...Array.from({ length: 20 }, (_, n) => `8.8.8.${n}`), '127.0.0.1']], 'egress-denied'],
    ['no such name', [], 'egress-denied'],
    ['the unspecified address', [['0.0.0.0']], 'egress-denied'],
    ['the metadata address', [['169.254.169.254']], 'egress-denied'],
  ])('%s', async (_name, answers, expected) => {
    const victim = await openVictim();
    const dns = await startDns(answers.length === 0 ? {} : { 'rebind.example.com': answers });
    const reason = await reasonOf(open('rebind.example.com', victim.port, dns.resolve, expected === 'given up' ? SOON_MS : PATIENT_MS));
    if (expected === 'egress-denied') expect(reason).toBe('egress-denied');
    else expect(['http-timeout', 'http-unreachable', 'TimeoutError', 'AbortError', 'Error', 'ConnectTimeoutError']).toContain(reason);
    expect(victim.hits()).toBe(0);
    // One look at the name for one connection: there is no second answer to be fooled by.
    expect(dns.asked('rebind.example.com')).toBe(1);
  });
});

describe('attack corpus C2: the fetch of protocol clients', () => {
  it('asks again for every connection: what a name was yesterday counts for nothing', async () => {
    const victim = await openVictim();
    const dns = await startDns({ 'rebind.example.com': [[NOBODY], ['127.0.0.1']] });
    const fetchGuarded = createGuardedFetch({ ports: [victim.port], resolve: dns.resolve });
    await reasonOf(fetchGuarded(`http://rebind.example.com:${victim.port}/`, within(SOON_MS)));
    expect(await reasonOf(fetchGuarded(`http://rebind.example.com:${victim.port}/`, within(PATIENT_MS)))).toBe('egress-denied');
    expect([victim.hits(), dns.asked('rebind.example.com')]).toEqual([0, 2]);
  });

  it.each([301, 302, 303, 307, 308])('refuses a redirect with %i, wherever it leads', async (status) => {
    const victim = await openVictim();
    const at = await serve((_request, response) => response.writeHead(status, { location: `http://127.0.0.1:${victim.port}/` }).end());
    const allowed = createGuardedFetch({ allow: [`127.0.0.1:${at}`, `127.0.0.1:${victim.port}`] });
    expect(await reasonOf(allowed(`http://127.0.0.1:${at}/`, { headers: { authorization: 'Bearer s3cret' } }))).toBe('redirect-refused');
    expect(victim.hits()).toBe(0);
  });

  it('ends an answer that does not end', async () => {
    const at = await serve((_request, response) => {
      const pump = (): void => {
        while (response.write(Buffer.alloc(256 * 1024))) continue;
      };
      response.on('drain', pump);
      pump();
    });
    const answer = await createGuardedFetch({ allow: [`127.0.0.1:${at}`] })(`http://127.0.0.1:${at}/`);
    // Clients of protocols tell an answer by its class.
    expect(answer).toBeInstanceOf(Response);
    expect(await reasonOf(answer.arrayBuffer())).toBe('answer-too-large');
  });

  it.each(['http://127.0.0.1/', 'http://[::1]/', 'file:///etc/passwd', 'http://2130706433/', 'http://user@example.com/', 'http://example.com:22/'])(
    'does not open %s',
    async (url) => expect(await reasonOf(createGuardedFetch()(url))).toBe('egress-denied'),
  );
});

describe('attack corpus C2: connections of other protocols', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '[::1]', '0', '0x7f.1', '2130706433', 'a@127.0.0.1', '127.0.0.1/x', '127.0.0.1#x', 'a b', '', 'nats', '10.0.0.1'])(
    'does not connect to %j',
    async (host) => expect(await reasonOf(createGuardedConnect({ ports: [25] })(host, 25, within(PATIENT_MS)))).toMatch(/^(?:egress-denied|bad-url)$/),
  );

  it('takes only the ports that it is for', async () => {
    expect(await reasonOf(createGuardedConnect({ ports: [25] })('example.com', 22, within(PATIENT_MS)))).toBe('egress-denied');
    expect(await failed(createGuardedConnect({ ports: [25] })('example.com', 80, within(PATIENT_MS)))).toMatchObject({ code: 'egress-denied', sent: false });
  });

  it('ends with its signal', async () => {
    const dns = await startDns({ 'slow.example.com': [[NOBODY]] });
    const stop = AbortSignal.abort(new Error('given up'));
    expect(await reasonOf(createGuardedConnect({ ports: [25], resolve: dns.resolve })('slow.example.com', 25, { signal: stop }))).not.toBe('it went through');
  });
});
