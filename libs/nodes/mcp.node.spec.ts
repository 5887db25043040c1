import { Failure } from '@agent-platform/kernel/index';
import { describe, expect, test } from 'vitest';
import { mcpNode } from './mcp.node.ts';
import type { ResolvedTool } from './node.ts';
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

describe('what is refused before anything is called', () => {
  test.each([
    ['an unknown server', { mcp_server_id: 'none' }, 'mcp-server-not-found'],
    ['an unknown tool', { tool: 'none' }, 'mcp-tool-not-found'],
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
