import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { runAp } from './testing/run-ap.ts';

const SERVER = path.join(path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')), 'dist', 'index.js');
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startTestPlatform({ env: { AGENT_PLATFORM_MCP_STDIO_ALLOW: `${process.execPath} ${SERVER} stdio` } });
});
afterAll(() => platform?.close());

const ap = (...args: string[]) => runAp([...args, '--url', platform.url, '--workspace', 'acme']);

test('lists servers, asks them again, and shows their tools', async () => {
  const discovered = Promise.withResolvers<undefined>();
  platform.base.nats.subscribe('evt.acme.mcp_server.everything.mcp_server.discovered', { callback: () => discovered.resolve(undefined), max: 1 });
  const config = { transport: 'stdio', command: process.execPath, args: [SERVER, 'stdio'] };
  await createApi(platform.url, 'acme').post('/mcp/servers', { mcp_server_id: 'everything', name: 'Everything', config });
  await discovered.promise;
  const tools = await ap('mcp', 'tools', 'everything');
  expect([tools.code, tools.stderr]).toEqual([0, '']);
  expect(tools.stdout).toContain('get-sum');
  const list = await ap('mcp', 'list', '-o', 'json');
  expect(JSON.parse(list.stdout)).toMatchObject({ items: [{ id: 'everything', status: 'ready' }] });
  const again = await ap('mcp', 'discover', 'everything', '-o', 'json');
  expect(JSON.parse(again.stdout)).toMatchObject({ id: 'everything', status: 'pending' });
  expect((await ap('mcp', 'tools', 'none')).code).toBe(3);
  expect((await ap('mcp', 'prompts', 'everything')).stdout).toContain('args-prompt');
  const sum = await ap('mcp', 'call', 'everything', 'get-sum', '-i', 'a=40', '-i', 'b=2');
  expect([sum.code, sum.stdout]).toEqual([0, expect.stringContaining('42')]);
  const read = await ap('mcp', 'read', 'everything', 'demo://resource/dynamic/text/7', '-o', 'json');
  expect(JSON.parse(read.stdout)).toMatchObject({ status: 'completed', output_json: { resource: 'demo://resource/dynamic/text/7' } });
  const unfit = await ap('mcp', 'authorize', 'everything');
  expect([unfit.code === 0, unfit.stderr]).toEqual([false, expect.stringContaining('Nobody signs in at this server')]);
  const refused = await ap('mcp', 'prompt', 'everything', 'none');
  expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('mcp-prompt-not-found')]);
});
