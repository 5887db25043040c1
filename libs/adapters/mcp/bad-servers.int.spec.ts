import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createGuardedFetch } from '@agent-platform/adapter-http/index';
import { createMcpPort } from './index.ts';
import { answer, badProcess, badServer } from './testing/bad.servers.ts';

const limits = { signal: new AbortController().signal, timeout_ms: 5_000, scope: 'acme', onProgress: () => undefined };
const call = { tool: 'any', arguments: {}, key: 'k' };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Command lines of living processes. */
const commandLines = (): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });

describe('a process', () => {
  const asked = async (behaviour: string, more: Partial<typeof limits> = {}): Promise<unknown> => {
    const mark = `mark-${Math.round(performance.now() * 1000)}`;
    const { config, allowed } = badProcess(`/*${mark}*/ ${behaviour.replace('MARK', mark)}`);
    const port = createMcpPort({ fetch, stdioAllow: [allowed] });
    closing.push(() => port.close());
    const outcome: unknown = await port.call(config, call, { ...limits, ...more }).catch((error: unknown) => error);
    // Nothing is left behind of one that failed: neither it nor what it started.
    if (outcome instanceof Error) await expect.poll(() => commandLines().filter((line) => line.includes(mark)), { interval: 20 }).toEqual([]);
    return outcome;
  };
  const unreachable = (why: RegExp): object => ({ kind: 'transient', code: 'mcp-unreachable', message: expect.stringMatching(why) as string });

  test.each([
    ['dies, and says why', `process.stderr.write('out of cheese'); process.exit(3)`, /code 3; its last words: out of cheese/],
    ['writes what is no message', `process.stdout.write('{"no":"message"}\\n')`, /no message/],
    ['answers with a message without end', `(function pump() { process.stdout.write('x'.repeat(1e5), pump); })()`, /a message of more than/],
    [
      'talks without end',
      `const told = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: m.params._meta.progressToken, progress: 1 } }) + '\\n';
       (function pump() { process.stdout.write(told.repeat(1000), pump); })()`,
      /without being asked/,
    ],
    ['answers with 100 MB', `send({ id: m.id, result: { content: [{ type: 'text', text: 'x'.repeat(1e8) }] } })`, /a message of more than/],
  ])('that %s', async (_what, behaviour, why) => expect(await asked(behaviour)).toMatchObject(unreachable(why)));

  test('that stalls, with children that ignore the end of everything', async () => {
    const behaviour = `require('child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => 0); setInterval(() => "MARK", 1e3)'], { stdio: 'ignore' })`;
    expect(await asked(behaviour, { timeout_ms: 400 })).toMatchObject({ kind: 'transient', code: 'mcp-timeout' });
  });

  test('that dies, and leaves a child that holds its pipes', async () => {
    const behaviour = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => "MARK", 1e3)'], { stdio: 'inherit' }); setTimeout(() => process.exit(4), 50)`;
    expect(await asked(behaviour)).toMatchObject(unreachable(/code 4/));
  });

  test('that writes log lines where messages belong is forgiven', async () => {
    expect(await asked(`console.log('hello'); send({ id: m.id, result: { content: [] } })`)).toMatchObject({ content: [] });
  });

  test('has limits', async () => {
    const limit = `send({ id: m.id, result: { content: [{ type: 'text', text: require('fs').readFileSync('/proc/self/limits', 'utf8') }] } })`;
    expect(JSON.stringify(await asked(limit))).toMatch(/Max data size +2147483648 +2147483648/);
  });

  test('that is not there', async () => {
    const port = createMcpPort({ fetch, stdioAllow: ['/no/such/program'] });
    await expect(port.call({ transport: 'stdio', command: '/no/such/program' }, call, limits)).rejects.toMatchObject({ code: 'mcp-unreachable' });
  });
});

describe('a server over HTTP', () => {
  const open = async (...behaviour: Parameters<typeof badServer>) => {
    const server = await badServer(...behaviour);
    const port = createMcpPort({ fetch: createGuardedFetch({ allow: [`127.0.0.1:${server.port}`] }), stdioAllow: [] });
    closing.push(server.close, () => port.close());
    const config = { transport: 'streamable_http', url: server.url } as const;
    return {
      server,
      ask: (more: Partial<typeof limits> = {}, tool = call.tool): Promise<unknown> =>
        port.call(config, { ...call, tool }, { ...limits, ...more }).catch((error: unknown) => error),
    };
  };
  const stream = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' });
  const lost = { kind: 'transient', code: 'mcp-unreachable' };
  const wantPerson = (response: ServerResponse, status: number, how: string) => response.writeHead(status, { 'www-authenticate': `Bearer ${how}` }).end();
  const wish = (scope: string): object => ({ challenge: { scope, resource_metadata: null } });

  test.each<[string, Parameters<typeof badServer>[0], object]>([
    ['cuts the connection', (response) => response.destroy(), lost],
    ['ends its stream without an answer', (response) => stream(response).end(': nothing\n\n'), lost],
    ['breaks its stream', (response) => stream(response).write('data: {"jsonrpc"', () => response.destroy()), lost],
    ['answers with a page', (response) => response.setHeader('content-type', 'text/html').end('<p>hello'), lost],
    ['answers with half of a message', (response) => response.setHeader('content-type', 'application/json').end('{"jsonrpc":'), lost],
    ['fails', (response) => response.writeHead(500).end('broken'), lost],
    ['wants other credentials', (response) => response.writeHead(401).end(), { kind: 'invalid', code: 'mcp-unauthorized' }],
    ['wants a person', (response) => wantPerson(response, 401, 'scope="read"'), { kind: 'invalid', code: 'mcp-authorization-required', cause: wish('read') }],
    [
      'wants more of a person',
      (response) => wantPerson(response, 403, 'error="insufficient_scope", scope="write"'),
      { code: 'mcp-scope-missing', cause: wish('write') },
    ],
    ['redirects', (response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(), { code: 'redirect-refused' }],
    [
      'answers with more than may be',
      (response) => response.setHeader('content-type', 'application/json').end('x'.repeat(9_000_000)),
      { code: 'answer-too-large' },
    ],
  ])('that %s', async (_what, behaviour, expected) => {
    const { ask } = await open(behaviour);
    expect(await ask()).toMatchObject(expected);
  });

  test('that refuses one question refuses no other on the same connection', async () => {
    const { ask } = await open((response, message) => {
      if (message.params?.name === 'wants') return void wantPerson(response, 401, 'scope="read"');
      return response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32602, message: 'no' } }));
    });
    const [wants, refuses] = await Promise.all([ask({}, 'wants'), ask({}, 'any')]);
    expect([wants, refuses]).toMatchObject([{ code: 'mcp-authorization-required' }, { code: 'mcp-refused' }]);
  });

  test('that stalls is told that nobody waits any more', async () => {
    const { ask, server } = await open(() => undefined);
    expect(await ask({ timeout_ms: 300 })).toMatchObject({ kind: 'transient', code: 'mcp-timeout' });
    await expect.poll(() => server.heard).toContain('notifications/cancelled');
  });

  test('is asked on one connection; one that forgot its sessions is asked anew, and nothing twice', async () => {
    const sessions: unknown[] = [];
    let forgotten = 'session-none';
    const { ask, server } = await open((response, message, request) => {
      const session = request.headers['mcp-session-id'];
      if (session === forgotten) return response.writeHead(404).end();
      sessions.push(session);
      return answer(response, message, { content: [] });
    });
    await ask();
    await ask();
    expect(server.heard.filter((method) => method === 'initialize')).toHaveLength(1);
    forgotten = String(sessions[0]);
    expect(await ask()).toMatchObject({ content: [] });
    expect(server.heard.filter((method) => method === 'initialize')).toHaveLength(2);
    expect(new Set(sessions).size).toBe(2);
    expect(sessions).toHaveLength(3);
    await closing.pop()?.();
    expect(server.heard.at(-1)).toBe('DELETE');
  });
});
