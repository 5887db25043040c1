import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { describe, expect, test } from 'vitest';
import { mcpNode } from './mcp.node.ts';
import type { ResolvedTool } from './node.ts';
import { fillRequest, markOf, requestWithMarks } from './secret-marks.ts';
import { KEY, type Outside, runEffect } from './testing/effect-run.ts';

const echo = { name: 'echo', title: null, description: null, input_schema: { type: 'object', properties: { text: { type: 'string' } } }, repeatable: true };
const docs: ResolvedTool = {
  tool: { id: 'docs', code: 'docs', name: 'Docs' },
  version: {
    id: 'docs-3',
    number: 3,
    input_schema_json: {},
    invoke_config_json: {
      config: { transport: 'streamable_http', url: 'https://docs.example/mcp', headers: { authorization: 'Bearer it' } },
      tools: [echo, { ...echo, name: 'write', repeatable: false }],
      prompts: [{ name: 'greet', title: null, description: null, arguments: [{ name: 'who', required: true }] }],
    },
  },
  binding: null,
};
const scope = { input: { text: 'hi' }, tools: { 'mcp_server:docs': docs } };
const config = { mcp_server_id: 'docs', tool: 'echo', arguments: { text: '{{ input.text }}' } };
const run = (more: object = {}, outside: Outside = {}, at: object = scope) => runEffect(mcpNode, { ...config, ...more }, at, outside);
const code = (more: object, at: object = scope) => run(more, {}, at).then(({ outcome }) => (outcome.status === 'failed' ? outcome.error.code : outcome.status));

test('calls the tool with its rendered arguments; headers stand where they are sealed', async () => {
  const mcp: Outside['mcp'] = (server, call, onProgress) => {
    expect(server).toEqual({ transport: 'streamable_http', url: 'https://docs.example/mcp', headers: { authorization: 'Bearer it' } });
    expect(call).toEqual({ tool: 'echo', arguments: { text: 'hi' }, key: KEY });
    onProgress({ progress: 1, total: 2 });
    return {
      content: [
        { type: 'text', text: 'hi' },
        { type: 'text', text: 'there' },
      ],
      structured: { said: 'hi' },
      is_error: false,
    };
  };
  const { outcome, request, live } = await run({}, { mcp });
  expect(request).toMatchObject({ headers: { authorization: 'Bearer it' }, server: { transport: 'streamable_http' }, repeatable: true });
  expect(JSON.stringify(request?.server)).not.toContain('Bearer');
  expect(live).toEqual([{ topic: 'progress', data: { key: KEY, progress: 1, total: 2 } }]);
  expect(outcome).toMatchObject({
    status: 'completed',
    output_text: 'hi\nthere',
    output_json: { structured: { said: 'hi' }, mcp_server_id: 'docs', discovery: 3 },
  });
});

test('an error of the tool fails the node with its text', async () => {
  const { outcome } = await run({}, { mcp: () => ({ content: [{ type: 'text', text: 'no such page' }], structured: null, is_error: true }) });
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'mcp-tool-error', message: 'Tool "echo" answered with an error: no such page' } });
});

test('reads resources and gets prompts, with their texts', async () => {
  const read = await run(
    { tool: undefined, resource: 'doc://{{ input.text }}' },
    {
      mcp: (_server, call) => (
        expect(call).toEqual({ resource: 'doc://hi', key: KEY }),
        { content: [{ uri: 'doc://hi', text: 'page' }], structured: null, is_error: false }
      ),
    },
  );
  expect(read.request).toMatchObject({ repeatable: true, metadata: { resource: 'doc://hi' } });
  expect(read.outcome).toMatchObject({ status: 'completed', output_text: 'page', output_json: { content: [{ uri: 'doc://hi' }] } });
  const prompt = { tool: undefined, prompt: 'greet', arguments: { who: '{{ input.text }}', often: 2 } };
  const messages = [{ role: 'user', content: { type: 'text', text: 'Greet hi' } }];
  const got = await run(prompt, {
    mcp: (_server, call) => (
      expect(call).toEqual({ prompt: 'greet', arguments: { who: 'hi', often: '2' }, key: KEY }),
      { content: messages, structured: null, is_error: false }
    ),
  });
  expect(got.outcome).toMatchObject({ status: 'completed', output_text: 'Greet hi' });
});

test('secrets of the server and of the arguments are named in the request, and filled for the call', () => {
  const oauth = { issuer: 'https://auth.example', client_id: 'it', client_secret: '{{ secrets.client }}' };
  const address = { transport: 'streamable_http', url: 'https://docs.example/mcp', headers: { 'x-key': '{{ secrets.key }}' }, oauth };
  const tools = { 'mcp_server:docs': { ...docs, version: { ...docs.version, invoke_config_json: { ...docs.version.invoke_config_json, config: address } } } };
  const at = { input: {}, state: {}, nodes: {}, current: { node_id: 'here' }, run: { id: 'r', workspace_id: 'acme' }, tools };
  const asked = requestWithMarks(mcpNode, mcpNode.config.parse({ ...config, arguments: { text: 'pin {{ secrets.pin }}' } }), at) as JsonObject;
  expect(asked).toMatchObject({ headers: { 'x-key': '*secrets.key*' }, server: { oauth: { client_secret: '*secrets.client*' } } });
  const values = new Map(Object.entries({ key: 'k-1', client: 'c-2', pin: 'p-3' }));
  const filled = fillRequest(mcpNode, asked, markOf(asked) ?? '', values);
  expect(filled).toMatchObject({
    request: { headers: { 'x-key': 'k-1' }, server: { oauth: { client_secret: 'c-2' }, url: 'https://docs.example/mcp' }, arguments: { text: 'pin p-3' } },
  });
});

test('one thing is asked at a time', () => {
  expect(mcpNode.config.safeParse({ mcp_server_id: 'docs' }).success).toBe(false);
  expect(mcpNode.config.safeParse({ mcp_server_id: 'docs', tool: 'a', prompt: 'b' }).success).toBe(false);
});

describe('what is refused before anything is called', () => {
  test.each([
    ['an unknown server', { mcp_server_id: 'none' }, 'mcp-server-not-found'],
    ['an unknown tool', { tool: 'none' }, 'mcp-tool-not-found'],
    ['an unknown prompt', { tool: undefined, prompt: 'none' }, 'mcp-prompt-not-found'],
    ['a prompt without what it needs', { tool: undefined, prompt: 'greet', arguments: {} }, 'mcp-prompt-invalid'],
    ['arguments that do not fit', { arguments: { text: 1 } }, 'tool-input-invalid'],
  ])('%s', async (_name, more, expected) => expect(await code(more)).toBe(expected));
});

test('a lost call is tried again only when that does no harm', async () => {
  const mcp = (): never => {
    throw new Failure('transient', 'mcp-timeout', 'It took too long.');
  };
  expect((await run({}, { mcp })).outcome).toMatchObject({ error: { code: 'mcp-timeout', retryable: true } });
  const write = await run({ tool: 'write' }, { mcp });
  expect(write.outcome).toMatchObject({ error: { code: 'mcp-timeout', retryable: false } });
  expect(write.request && mcpNode.onUnknown(write.request)).toBe('stop');
});
