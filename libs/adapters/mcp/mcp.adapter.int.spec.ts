import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGuardedFetch } from '@agent-platform/adapter-http/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import type { McpProgress } from '@agent-platform/ports/mcp.port';
import { createMcpPort } from './index.ts';
import { badProcess } from './testing/bad.servers.ts';
import { referenceServer, serveEverything } from './testing/reference.servers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mcp-'));
const stdio = referenceServer('everything');
const files = referenceServer('filesystem', folder);
const memory = referenceServer('memory');
const limits = { signal: new AbortController().signal, timeout_ms: 20_000, scope: 'acme' };
const quiet = { ...limits, onProgress: () => undefined };
const children: ChildProcess[] = [];
const addresses = new Map<string, McpServerConfig>([['stdio', stdio.config]]);
let port: ReturnType<typeof createMcpPort>;

beforeAll(async () => {
  const [http, sse] = await Promise.all([serveEverything('streamableHttp'), serveEverything('sse')]);
  children.push(http.child, sse.child);
  addresses.set('streamable_http', { transport: 'streamable_http', url: `http://localhost:${http.port}/mcp` });
  addresses.set('sse', { transport: 'sse', url: `http://localhost:${sse.port}/sse` });
  const allow = [http, sse].map((each) => `localhost:${each.port}`);
  port = createMcpPort({ fetch: createGuardedFetch({ allow }), stdioAllow: [stdio.allowed, files.allowed, memory.allowed] });
  writeFileSync(path.join(folder, 'note.txt'), 'seven geese');
});
afterAll(async () => {
  await port.close();
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const addressOf = (transport: string): McpServerConfig => addresses.get(transport) as McpServerConfig;
const call = (tool: string, input: Record<string, string | number> = {}) => ({ tool, arguments: input, key: 'k' });

describe.each(['stdio', 'streamable_http', 'sse'])('the reference server over %s', (transport) => {
  test('tells what it offers', async () => {
    const catalog = await port.discover(addressOf(transport), limits);
    expect(catalog.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'get-sum']));
    expect(catalog.tools.find(({ name }) => name === 'echo')?.input_schema).toMatchObject({ type: 'object', required: ['message'] });
    expect(catalog.resources.length).toBeGreaterThan(0);
    expect(catalog.resource_templates?.length).toBeGreaterThan(0);
    expect(catalog.prompts.length).toBeGreaterThan(0);
    expect(catalog.truncated).toBe(false);
  });

  test('answers calls, with progress', async () => {
    const progress: McpProgress[] = [];
    const onProgress = (each: McpProgress): unknown => progress.push(each);
    const sum = await port.call(addressOf(transport), call('get-sum', { a: 2, b: 3 }), quiet);
    expect(sum).toMatchObject({ is_error: false, content: [{ type: 'text', text: expect.stringContaining('5') as string }] });
    await port.call(addressOf(transport), call('trigger-long-running-operation', { duration: 0.2, steps: 2 }), { ...limits, onProgress });
    // The last one may come later than the answer: over SSE each is a message of its own.
    expect(progress[0]).toMatchObject({ progress: 1, total: 2 });
  });

  test('reads resources and gets prompts', async () => {
    const read = await port.call(addressOf(transport), { resource: 'demo://resource/dynamic/text/1', key: 'k' }, quiet);
    expect(read.content).toMatchObject([{ uri: 'demo://resource/dynamic/text/1', text: expect.any(String) as string }]);
    const asked = await port.call(addressOf(transport), { prompt: 'args-prompt', arguments: { city: 'Lisbon' }, key: 'k' }, quiet);
    expect(asked.content).toMatchObject([{ role: 'user', content: { type: 'text', text: expect.stringContaining('Lisbon') as string } }]);
    const unknown = port.call(addressOf(transport), { resource: 'demo://nothing', key: 'k' }, quiet);
    await expect(unknown).rejects.toMatchObject({ kind: 'invalid', code: 'mcp-refused' });
  });

  test('hears that a call is given up, and takes no longer than it may', async () => {
    const given = new AbortController();
    const long = call('trigger-long-running-operation', { duration: 30, steps: 300 });
    const aborted = port.call(addressOf(transport), long, { ...limits, signal: given.signal, onProgress: () => given.abort() });
    await expect(aborted).rejects.toMatchObject({ kind: 'transient', code: 'mcp-aborted' });
    const late = port.call(addressOf(transport), long, { ...quiet, timeout_ms: 500 });
    await expect(late).rejects.toMatchObject({ kind: 'transient', code: 'mcp-timeout' });
  });

  test('a call it refuses is an answer or a refusal with its words', async () => {
    const refused = await port.call(addressOf(transport), call('get-sum', { a: 'x' }), quiet).catch((error: unknown) => error);
    expect(refused).toMatchObject(refused instanceof Error ? { code: 'mcp-refused' } : { is_error: true });
  });
});

test('the filesystem and the memory server are asked as they want to be', async () => {
  const listed = await port.discover(files.config, limits);
  expect(listed.tools.find(({ name }) => name === 'read_text_file')).toMatchObject({ repeatable: true, read_only: true });
  const note = await port.call(files.config, call('read_text_file', { path: path.join(folder, 'note.txt') }), quiet);
  expect(note).toMatchObject({ content: [{ text: 'seven geese' }] });
  expect(await port.call(files.config, call('read_text_file', { path: '/etc/passwd' }), quiet)).toMatchObject({ is_error: true });
  expect((await port.discover(memory.config, limits)).tools.map(({ name }) => name)).toContain('search_nodes');
});

describe('processes', () => {
  test('one process answers a workspace, however many ask, until it has been idle; another workspace gets its own', async () => {
    const telling = badProcess(`send({ id: m.id, result: { content: [{ type: 'text', text: String(process.pid) }] } })`);
    const own = createMcpPort({ fetch, stdioAllow: [telling.allowed], idleMs: 500 });
    const pidFor = async (scope: string): Promise<string> => {
      const { content } = await own.call(telling.config, call('pid'), { ...quiet, scope });
      return (content as [{ text: string }])[0].text;
    };
    const [pid, same, other] = await Promise.all([pidFor('acme'), pidFor('acme'), pidFor('other')]);
    expect(same).toBe(pid);
    expect(other).not.toBe(pid);
    await expect.poll(() => [pid, other].filter((each) => existsSync(`/proc/${each}`))).toEqual([]);
    expect(await pidFor('acme')).not.toBe(pid);
    await own.close();
  });

  test('a command that is not exactly an allowed one is not started', async () => {
    const { args = [] } = stdio.config as { args?: string[] };
    for (const given of [args.slice(0, 1), [...args, '--more'], ['-e', '1']]) {
      await expect(port.discover({ transport: 'stdio', command: process.execPath, args: given }, limits)).rejects.toMatchObject({ code: 'mcp-stdio-denied' });
    }
  });

  test('a child sees no environment', async () => {
    // The reference server has a tool that tells it.
    const seen = await port.call(stdio.config, call('get-env'), quiet);
    expect(JSON.stringify(seen.content)).not.toContain('PATH');
  });
});

test('addresses inside are refused, whatever the transport', async () => {
  const guarded = createMcpPort({ fetch: createGuardedFetch(), stdioAllow: [] });
  for (const transport of ['streamable_http', 'sse'] as const) {
    for (const url of ['http://127.0.0.1:9/mcp', 'http://169.254.169.254/mcp', 'http://[::1]/mcp', 'http://localhost/mcp', 'http://8.8.8.8:22/']) {
      await expect(guarded.discover({ transport, url }, limits)).rejects.toMatchObject({ code: 'egress-denied' });
    }
  }
});
