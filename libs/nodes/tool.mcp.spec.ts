import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { describe, expect, test } from 'vitest';
import { toolKey } from './node.ts';
import { KEY, type Outside, runEffect } from './testing/effect-run.ts';
import { resolvedTool } from './testing/resolved-tool.ts';
import { toolNode } from './tool.node.ts';

const answer = { content: [{ type: 'text', text: 'found' }], structured: null, is_error: false };
const run = (invoke: JsonObject, config: object = {}, outside: Outside = {}, binding: JsonObject | null = null, schema: JsonObject = {}) => {
  const address = invoke['base_url'] === undefined ? { url: 'https://docs.example/mcp' } : {};
  const tool = resolvedTool({ transport: 'streamable_http', ...address, ...invoke }, binding, schema);
  const ref = binding ? ({ kind: 'tool_binding', id: 'binding-1' } as const) : ({ kind: 'tool', id: 'tool-1' } as const);
  const named = binding ? { tool_binding_id: 'binding-1' } : { tool_id: 'tool-1' };
  return runEffect(toolNode, { ...named, ...config }, { tools: { [toolKey(ref)]: tool } }, outside);
};

test('calls the tool that its version names, at the place and with the headers of its binding', async () => {
  const mcp: Outside['mcp'] = (server, call) => {
    expect(server).toEqual({ transport: 'streamable_http', url: 'https://eu.docs.example/mcp', headers: { 'x-shop': '1', authorization: 'Bearer it' } });
    expect(call).toEqual({ tool: 'search', arguments: { q: 'geese' }, key: KEY });
    return answer;
  };
  const binding = { base_url: 'https://eu.docs.example', headers: { Authorization: 'Bearer it' } };
  const invoke = { base_url: 'https://docs.example', path: '/mcp', tool: 'search', headers: { 'x-shop': '1' } };
  const { outcome } = await run(invoke, { input: { q: 'geese' } }, { mcp }, binding);
  expect(outcome).toMatchObject({ status: 'completed', output_text: 'found' });
});

describe('a version that names no tool is the whole server', () => {
  test('whose tool the input names', async () => {
    const { outcome } = await run(
      {},
      { input: { tool: 'search', arguments: { q: 1 } } },
      { mcp: (_server, call) => (expect(call).toMatchObject({ tool: 'search', arguments: { q: 1 } }), answer) },
    );
    expect(outcome).toMatchObject({ status: 'completed', output_text: 'found', output_json: { content: answer.content, tool: { id: 'tool-1' } } });
  });

  test('and whose input must name one', async () => {
    expect((await run({}, { input: { q: 1 } })).outcome).toMatchObject({ status: 'failed', error: { code: 'tool-input-invalid' } });
  });
});

test('what does not fit its schema is not called; what asks for a person asks first', async () => {
  const schema = { type: 'object', properties: { q: { type: 'string' } } };
  expect((await run({ tool: 'search' }, { input: { q: 1 } }, {}, null, schema)).outcome).toMatchObject({ error: { code: 'tool-input-invalid' } });
  const asked = await run({ tool: 'search', requires_approval: true }, { input: { q: 'x' } });
  expect(asked.outcome).toMatchObject({ status: 'waiting', wait: { for: 'human_task' } });
  expect(asked.commands[0]?.data).toMatchObject({ payload_json: { mcp_tool: 'search', arguments: { q: 'x' }, url: 'https://docs.example/mcp' } });
});

test('only what is said to be idempotent is repeated', async () => {
  const { request } = await run({ tool: 'search' }, { input: {} }, { mcp: () => answer });
  expect(request && toolNode.onUnknown(request)).toBe('stop');
  const safe = await run({ tool: 'search', idempotent: true }, { input: {} }, { mcp: () => answer });
  expect(safe.request && toolNode.onUnknown(safe.request)).toBe('repeat');
});
