import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { expect, test } from 'vitest';
import { type Outside, runEffect } from './testing/effect-run.ts';
import { resolvedTool } from './testing/resolved-tool.ts';
import { toolNode } from './tool.node.ts';

const run = (invoke: JsonObject, output_schema_json: JsonObject, outside: Outside) => {
  const { version, ...tool } = resolvedTool({ url: 'https://shop.example/price', ...invoke });
  return runEffect(toolNode, { tool_id: 'tool-1' }, { tools: { 'tool:tool-1': { ...tool, version: { ...version, output_schema_json } } } }, outside);
};
const price = { price: { type: 'number', required: true } };
const answering = (text: string): Outside => ({ http: () => ({ text }) });
const mcp = (structured: JsonObject | null): Outside => ({ mcp: () => ({ content: [{ type: 'text', text: 'it' }], structured, is_error: false }) });
const search = { transport: 'streamable_http', tool: 'search' };

test.each([
  ['the JSON of an HTTP answer', {}, price, answering('{"price": 12}')],
  ['its text', {}, { type: 'string' }, { http: () => ({ text: 'twelve', headers: { 'content-type': 'text/plain' } }) }],
  ['the structured content of an MCP tool', search, price, mcp({ price: 12 })],
])('%s is what the tool promises', async (_, invoke, schema, outside) => {
  expect((await run(invoke, schema, outside)).outcome).toMatchObject({ status: 'completed' });
});

test.each([
  ['the JSON of an HTTP answer', {}, price, answering('{"price": "12"}')],
  ['what is no JSON', {}, price, answering('')],
  ['an MCP tool that answers texts only', search, price, mcp(null)],
])('%s is not: the call has failed, and is not made again', async (_, invoke, schema, outside) => {
  expect((await run(invoke, schema, outside)).outcome).toMatchObject({
    status: 'failed',
    error: { code: 'tool-output-invalid', retryable: false, message: expect.stringContaining('search_products') as string },
  });
});

test('what fails has its own error; a promise that can’t be checked fails before the call', async () => {
  expect((await run({}, price, { http: () => ({ status: 404 }) })).outcome).toMatchObject({ error: { code: 'http-status' } });
  const { outcome, http } = await run({}, { type: 'nothing' }, answering('{}'));
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'tool-schema-invalid' } });
  expect(http).toEqual([]);
});
