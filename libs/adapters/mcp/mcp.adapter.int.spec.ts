import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGuardedFetch } from '@agent-platform/adapter-http/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import type { McpProgress } from '@agent-platform/ports/mcp.port';
import { createMcpPort } from './index.ts';

/** The reference server, which nobody here wrote. */
const SERVER = path.join(path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')), 'dist', 'index.js');
const stdio: McpServerConfig = { transport: 'stdio', command: process.execPath, args: [SERVER, 'stdio'] };
const limits = () => ({ signal: new AbortController().signal, timeout_ms: 20_000 });
const children: ReturnType<typeof spawn>[] = [];
const addresses = new Map<string, McpServerConfig>([['stdio', stdio]]);
const allow: string[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function serve(kind: 'streamableHttp' | 'sse'): Promise<number> {
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER, kind], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  // It says where it listens, and only then.
  await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
  allow.push(`localhost:${port}`);
  return port;
}

beforeAll(async () => {
  addresses.set('streamable_http', { transport: 'streamable_http', url: `http://localhost:${await serve('streamableHttp')}/mcp` });
  addresses.set('sse', { transport: 'sse', url: `http://localhost:${await serve('sse')}/sse` });
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

const portOf = () => createMcpPort({ fetch: createGuardedFetch({ allow }), stdioAllow: [`${process.execPath} ${SERVER} stdio`] });
const addressOf = (transport: string): McpServerConfig => addresses.get(transport) as McpServerConfig;
const call = (tool: string, input: Record<string, string | number> = {}) => ({ tool, arguments: input, key: 'k' });

describe.each(['stdio', 'streamable_http', 'sse'])('the reference server over %s', (transport) => {
  test('tells what it offers', async () => {
    const catalog = await portOf().discover(addressOf(transport), limits());
    expect(catalog.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'get-sum']));
    expect(catalog.tools.find(({ name }) => name === 'echo')?.input_schema).toMatchObject({ type: 'object', required: ['message'] });
    expect(catalog.resources.length).toBeGreaterThan(0);
    expect(catalog.prompts.length).toBeGreaterThan(0);
    expect(catalog.truncated).toBe(false);
  });

  test('answers calls, with progress', async () => {
    const progress: McpProgress[] = [];
    const onProgress = (each: McpProgress): unknown => progress.push(each);
    const sum = await portOf().call(addressOf(transport), call('get-sum', { a: 2, b: 3 }), { ...limits(), onProgress });
    expect(sum).toMatchObject({ is_error: false, content: [{ type: 'text', text: expect.stringContaining('5') as string }] });
    await portOf().call(addressOf(transport), call('trigger-long-running-operation', { duration: 0.2, steps: 2 }), { ...limits(), onProgress });
    // The last one may come later than the answer: over SSE each is a message of its own.
    expect(progress[0]).toMatchObject({ progress: 1, total: 2 });
  });

  test('hears that a call is given up, and takes no longer than it may', async () => {
    const given = new AbortController();
    const long = call('trigger-long-running-operation', { duration: 30, steps: 300 });
    const aborted = portOf().call(addressOf(transport), long, { signal: given.signal, timeout_ms: 20_000, onProgress: () => given.abort() });
    await expect(aborted).rejects.toMatchObject({ kind: 'transient', code: 'mcp-aborted' });
    const late = portOf().call(addressOf(transport), long, { ...limits(), timeout_ms: 1_500, onProgress: () => undefined });
    await expect(late).rejects.toMatchObject({ kind: 'transient', code: 'mcp-timeout' });
  });

  test('a call it refuses is an answer or a refusal with its words', async () => {
    const refused = await portOf()
      .call(addressOf(transport), call('get-sum', { a: 'x' }), { ...limits(), onProgress: () => undefined })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject(refused instanceof Error ? { code: 'mcp-refused' } : { is_error: true });
  });
});

describe('what is not done', () => {
  test('a command that is not exactly an allowed one is not started', async () => {
    for (const args of [[SERVER], [SERVER, 'stdio', '--more'], ['-e', '1']]) {
      await expect(portOf().discover({ transport: 'stdio', command: process.execPath, args }, limits())).rejects.toMatchObject({ code: 'mcp-stdio-denied' });
    }
  });

  test('a child sees no environment, and nothing of it stays', async () => {
    const program = 'console.log(JSON.stringify(process.env)); console.log(process.pid); setInterval(() => {}, 1000)';
    const port = createMcpPort({ fetch, stdioAllow: [`${process.execPath} -e ${program}`] });
    const server: McpServerConfig = { transport: 'stdio', command: process.execPath, args: ['-e', program] };
    await expect(port.discover(server, { ...limits(), timeout_ms: 500 })).rejects.toMatchObject({ kind: 'transient' });
    // The reference server has a tool that tells its environment.
    const seen = await portOf().call(stdio, call('get-env'), { ...limits(), onProgress: () => undefined });
    expect(JSON.stringify(seen.content)).not.toContain('PATH');
  });

  test('addresses inside are refused, whatever the transport', async () => {
    const port = createMcpPort({ fetch: createGuardedFetch(), stdioAllow: [] });
    for (const transport of ['streamable_http', 'sse'] as const) {
      for (const url of ['http://127.0.0.1:9/mcp', 'http://169.254.169.254/mcp', 'http://[::1]/mcp', 'http://localhost/mcp', 'http://8.8.8.8:22/']) {
        await expect(port.discover({ transport, url }, limits())).rejects.toMatchObject({ code: 'egress-denied' });
      }
    }
  });
});
