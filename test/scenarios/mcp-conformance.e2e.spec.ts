import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from '../support/api.ts';
import { startConformanceClient } from '../support/mcp-conformance.client.ts';
import { startNamesProxy } from '../support/mcp-names.proxy.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/*
 * The official conformance suite, which nobody here wrote, against both sides of the platform. What does not apply is
 * listed with its reason; a scenario that is new, or that begins to apply, fails the test that compares the lists.
 */
const SUITE = path.join(path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')), 'dist', 'index.js');
const COMMAND = path.join(import.meta.dirname, '../support/mcp-conformance.command.ts');

const FEATURE = 'a feature that clients of ours have no use for: the platform keeps no subscription and sends no log';
const ASKS_BACK = 'asks the client while it answers, which 2026-07-28 deprecates; people are asked by human tasks';
const PROMPTS = 'prompts are skills, which are texts with places; nothing is embedded';
const NOT_OF_SERVER: Readonly<Record<string, string>> = {
  'logging-set-level': FEATURE,
  'tools-call-with-logging': FEATURE,
  'tools-call-sampling': ASKS_BACK,
  'tools-call-elicitation': ASKS_BACK,
  'elicitation-sep1034-defaults': ASKS_BACK,
  'elicitation-sep1330-enums': ASKS_BACK,
  'server-sse-polling': 'no stream is ended to be polled: an answer takes 50 seconds at most, and get_run asks again',
  'resources-read-binary': 'the only resources are runs, which are JSON',
  'resources-subscribe': FEATURE,
  'resources-unsubscribe': FEATURE,
  'prompts-get-embedded-resource': PROMPTS,
  'prompts-get-with-image': PROMPTS,
};
const NOT_OF_CLIENT: Readonly<Record<string, string>> = {
  'elicitation-sep1034-client-defaults': 'asks back during a call, which 2026-07-28 deprecates; nobody sits at an executor',
  'auth/2025-03-26-oauth-metadata-backcompat':
    'its metadata names another issuer than where it lies, which is how a mix-up of authorization servers begins: refused (RFC 8414, 3.3)',
  'auth/cross-app-access-complete-flow': 'an extension for a person’s token of the company’s own identity provider, which nobody gives the platform',
};
/** It measures time, which says nothing while other scenarios run. */
const TIMED = 'sse-retry';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
const image = { type: 'image', data: pixel, mimeType: 'image/png' } as const;
const embedded = { type: 'resource', resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'embedded' } } as const;
/** What tools of a server behind the platform answer with; a workflow passes each on. */
const CONTENTS = {
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' } as const],
  test_embedded_resource: [embedded],
  test_multiple_content_types: [{ type: 'text', text: 'several' } as const, image, embedded],
};
const PROMPT_TEXTS = { test_simple_prompt: 'simple', test_prompt_with_arguments: 'one: $arg1, two: $arg2' };
const PROMPT_SCHEMA = { type: 'object', properties: { arg1: { enum: ['Paris', 'park', 'Oslo'] }, arg2: { type: 'string', examples: ['x'] } } };
const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
};

const folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
let platform: TestPlatform;
let api: Api;
let behind: Server;
const run = promisify(execFile);
/** The output of the suite, and the code it ends with. */
const suite = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> =>
  run(process.execPath, [SUITE, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }),
  );

beforeAll(async () => {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'contents', version: '1' });
    for (const [name, content] of Object.entries(CONTENTS)) server.registerTool(name, {}, () => ({ content }));
    return server;
  });
  const serve = toNodeHandler(handler);
  behind = createServer((request, response) => void serve(request as Parameters<typeof serve>[0], response)).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  platform = await startTestPlatform({ egressAllow: [`127.0.0.1:${port}`] });
  api = createApi(platform.url, 'acme');
  const known = Promise.withResolvers<undefined>();
  platform.base.nats.subscribe('evt.acme.mcp_server.contents.mcp_server.discovered', { callback: () => known.resolve(undefined), max: 1 });
  const config = { transport: 'streamable_http', url: `http://127.0.0.1:${port}/mcp` };
  await api.post('/mcp/servers', { mcp_server_id: 'contents', name: 'Contents', config });
  await known.promise;
  for (const tool of Object.keys(CONTENTS)) await publish(tool, [{ id: 'call', type: 'mcp', config: { mcp_server_id: 'contents', tool } }]);
  await publish('test_simple_text', [{ id: 'say', type: 'answer', config: { answer: 'simple text' } }]);
  await publish('test_tool_with_progress', [{ id: 'say', type: 'answer', config: { answer: 'done' } }]);
  await publish('test_error_handling', [{ id: 'call', type: 'tool', config: { url: 'http://127.0.0.1:1/' } }]);
  for (const [skill_id, prompt] of Object.entries(PROMPT_TEXTS)) {
    await api.post('/skills', { skill_id, code: skill_id, name: skill_id });
    const version = { skill_id, status: 'published', runtime_type: 'prompt', parameter_schema_json: PROMPT_SCHEMA, implementation_json: { prompt } };
    expect((await api.post('/skills/versions', version)).status).toBe(201);
  }
  const last = await publish('json_schema_2020_12_tool', [{ id: 'start', type: 'start', config: { input_schema: SCHEMA } }]);
  for (const run_id of ['run-text', 'run-123']) await api.post('/runtime/runs', { run_id, workflow_id: 'test_simple_text' });
  await api.getAfter(last, '/workflows');
  await api.getAfter(last, '/skills');
});
afterAll(async () => {
  await platform?.close();
  behind?.close();
  rmSync(folder, { recursive: true });
});

async function publish(workflow_id: string, nodes: readonly object[]): Promise<Awaited<ReturnType<Api['post']>>> {
  await api.post('/workflows', { workflow_id, name: workflow_id, description: 'For the conformance suite.', nodes, edges: [] });
  const published = await api.post(`/workflows/${workflow_id}/publish`);
  expect([published.status, published.body.errors]).toEqual([200, undefined]);
  return published;
}

test('the server passes every scenario that applies', async () => {
  const tools = [...Object.keys(CONTENTS), 'test_simple_text', 'test_tool_with_progress', 'test_error_handling', 'json_schema_2020_12_tool'];
  const names = new Map([
    ...tools.map((tool) => [tool, `workflow_${tool}`] as const),
    ...Object.keys(PROMPT_TEXTS).map((prompt) => [prompt, `skill_${prompt}`] as const),
    ['test://static-text', 'agent-platform://runs/run-text'],
    ['test://template/123/data', 'agent-platform://runs/run-123'],
  ]);
  const proxy = await startNamesProxy(platform.url, 'acme', names);
  const baseline = path.join(folder, 'baseline.yml');
  writeFileSync(
    baseline,
    `server:\n${Object.keys(NOT_OF_SERVER)
      .map((name) => `  - ${name}\n`)
      .join('')}`,
  );
  const { code, output } = await suite(['server', '--url', `${proxy.url}/mcp`, '--suite', 'all', '--expected-failures', baseline, '-o', folder]);
  proxy.close();
  expect(code, output).toBe(0);
});

test('what may stand in the place of an argument is suggested', async () => {
  const client = new Client({ name: 'typist', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), { requestInit: { headers: { 'x-workspace-id': 'acme' } } }));
  const suggested = async (ref: Parameters<typeof client.complete>[0]['ref'], name: string, value: string): Promise<string[]> =>
    (await client.complete({ ref, argument: { name, value } })).completion.values;
  const prompt = { type: 'ref/prompt', name: 'skill_test_prompt_with_arguments' } as const;
  expect(await suggested(prompt, 'arg1', 'pa')).toEqual(['Paris', 'park']);
  expect(await suggested(prompt, 'arg2', '')).toEqual(['x']);
  expect(await suggested(prompt, 'constructor', '')).toEqual([]);
  await expect(suggested({ ...prompt, name: 'skill_none' }, 'arg1', '')).rejects.toThrow('prompt-not-found');
  expect(await suggested({ type: 'ref/resource', uri: 'agent-platform://runs/{run_id}' }, 'run_id', 'run-')).toEqual(
    expect.arrayContaining(['run-text', 'run-123']),
  );
  expect(await suggested({ type: 'ref/resource', uri: 'other://{x}' }, 'x', '')).toEqual([]);
  await client.close();
});

describe('the client', () => {
  let client: Awaited<ReturnType<typeof startConformanceClient>>;
  beforeAll(async () => void (client = await startConformanceClient()));
  afterAll(() => client?.close());
  const asked = (...which: string[]) =>
    suite(['client', '--command', `${process.execPath} ${COMMAND}`, '--timeout', '100000', ...which, '-o', folder], { MCP_CONFORMANCE_CLIENT: client.url });

  test('passes every scenario that applies', async () => {
    const { output } = await asked('--suite', 'all');
    const [, summary = ''] = output.split('SUITE SUMMARY');
    const results = new Map([...summary.matchAll(/^(✓|✗) (\S+): /gm)].map(([, sign = '', name = '']) => [name, sign]));
    results.delete(TIMED);
    expect(results.size, output).toBeGreaterThan(20);
    expect([...results].flatMap(([name, sign]) => (sign === '✓' ? [] : [name])).toSorted(), output).toEqual(Object.keys(NOT_OF_CLIENT).toSorted());
  });

  test('comes back to a stream that ended, as late as the server says', async () => {
    const { code, output } = await asked('--scenario', TIMED);
    // On a busy machine it may be later, which is told as a failure.
    expect(/reconnected (?:slightly|very) late/.test(output) ? 0 : code, output).toBe(0);
  });
});

test('what is left out of the server is there', async () => {
  const [ofServer = ''] = (await suite(['list'])).output.split('Client scenarios');
  const names = [...ofServer.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(NOT_OF_SERVER)));
});
