import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { type ResolvedTool, toolKey } from './node.ts';
import { KEY, type Outside, runEffect } from './testing/effect-run.ts';
import { resolvedTool } from './testing/resolved-tool.ts';
import { toolNode } from './tool.node.ts';

const viaBinding = (tool: ResolvedTool, config: JsonObject, http?: Outside['http'], state: JsonObject = {}) =>
  runEffect(
    toolNode,
    { tool_binding_id: 'binding-1', ...config },
    { state, tools: { [toolKey({ kind: 'tool_binding', id: 'binding-1' })]: tool } },
    { ...(http && { http }) },
  );

const shop = resolvedTool(
  { method: 'POST', path: '/products/{{state.shelf}}', body: { lang: 'en' } },
  { base_url: 'http://shop.test/v1', headers: { authorization: 'Bearer {{state.token}}' } },
  { keyword: { type: 'string', required: true } },
);

test('the call is merged, rendered and sent; the output says what was called and what came back', async () => {
  const answer = () => ({ text: '{"items":["milk"]}', headers: { 'content-type': 'application/json', 'set-cookie': 'secret' } });
  const { http, outcome } = await viaBinding(shop, { query: { keyword: '{{state.word}}', n: 2 }, headers: { 'X-Page': '{{state.page}}' } }, answer, {
    word: 'milk',
    shelf: 'dairy',
    token: 't',
    page: 3,
  });
  expect(http).toEqual([
    {
      method: 'POST',
      url: 'http://shop.test/v1/products/dairy?keyword=milk&n=2',
      headers: { 'idempotency-key': KEY, authorization: 'Bearer t', 'x-page': '3', 'content-type': 'application/json' },
      body: '{"lang":"en"}',
      timeout_ms: 30_000,
    },
  ]);
  expect(outcome).toEqual({
    status: 'completed',
    output_json: {
      tool: { id: 'tool-1', code: 'search_products', name: 'Search Products' },
      version: { id: 'version-1', number: 1 },
      binding: { id: 'binding-1' },
      tool_binding_id: 'binding-1',
      request: { method: 'POST', url: 'http://shop.test/v1/products/dairy?keyword=milk&n=2' },
      response: { status: 200, headers: { 'content-type': 'application/json' }, json: { items: ['milk'] } },
    },
    output_text: '{"items":["milk"]}',
  });
});

test('input that does not fit the schema is refused before anything is called', async () => {
  const { http, outcome } = await viaBinding(shop, { query: { keyword: 7 } });
  expect(http).toEqual([]);
  expect(outcome).toMatchObject({
    status: 'failed',
    error: { code: 'tool-input-invalid', message: expect.stringContaining('keyword must be string') as string, retryable: false },
  });
});

test('a tool needs no binding, and a node no tool', async () => {
  const direct = await runEffect(toolNode, { tool_id: 'tool-1' }, { tools: { 'tool:tool-1': resolvedTool({ url: 'http://a.test/x' }) } }, { http: () => ({}) });
  expect(direct.http).toMatchObject([{ method: 'GET', url: 'http://a.test/x' }]);
  expect(direct.outcome).toMatchObject({ output_json: { binding: null } });
  const bare = await runEffect(toolNode, { base_url: 'http://a.test', path: 'y', headers: { 'Idempotency-Key': 'mine' } }, {}, { http: () => ({}) });
  expect(bare.http).toMatchObject([{ url: 'http://a.test/y', headers: { 'idempotency-key': 'mine' } }]);
});

test('the tools to look up are named; one that was not found fails the node', async () => {
  expect(toolNode.tools?.(toolNode.config.parse({ tool_binding_id: 'binding-1' }))).toEqual([{ kind: 'tool_binding', id: 'binding-1' }]);
  expect((await runEffect(toolNode, { tool_id: 'gone' })).outcome).toMatchObject({ error: { code: 'tool-not-found', retryable: false } });
  expect((await runEffect(toolNode, { tool_id: 'toString' }, { tools: {} })).outcome).toMatchObject({ error: { code: 'tool-not-found' } });
});

test.each([
  ['POST', 429, true],
  ['POST', 503, true],
  ['POST', 502, false],
  ['POST', 504, false],
  ['GET', 502, true],
  ['GET', 504, true],
  ['POST', 500, false],
  ['GET', 404, false],
])('%s, status %d fails the node (retryable: %s) with an excerpt of the body', async (method, status, retryable) => {
  const { outcome } = await viaBinding(resolvedTool({ method, url: 'http://a.test' }), {}, () => ({ status, text: 'x'.repeat(5000) }));
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'http-status', retryable, detail: { status } } });
  expect(JSON.stringify(outcome).length).toBeLessThan(2000);
});

test.each([
  ['POST', false, false, true],
  ['POST', true, false, false],
  ['POST', true, true, true],
  ['GET', true, false, true],
])('%s, sent %s, idempotent %s: after a timeout retryable is %s', async (method, sent, idempotent, retryable) => {
  const tool = resolvedTool({ method, url: 'http://a.test', idempotent });
  const { outcome, request } = await viaBinding(tool, {}, () => {
    throw new Failure('transient', 'http-timeout', 'No answer.', { cause: { sent } });
  });
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'http-timeout', retryable } });
  expect(request && toolNode.onUnknown(request)).toBe(method === 'GET' || idempotent ? 'repeat' : 'stop');
});

test('a hostile answer is made storable', async () => {
  const { outcome } = await viaBinding(resolvedTool({ url: 'http://a.test' }), {}, () => ({ text: '{"a":"\\u0000\\ud800","__proto__":{"x":1}}\0' }));
  expect(outcome).toMatchObject({ status: 'completed', output_text: '{"a":"\\u0000\\ud800","__proto__":{"x":1}}' });
  const json = await viaBinding(resolvedTool({ url: 'http://a.test' }), {}, () => ({ text: '{"a":"\\u0000\\ud800"}' }));
  expect(json.outcome).toMatchObject({ output_json: { response: { json: { a: '\ufffd' } } } });
});
