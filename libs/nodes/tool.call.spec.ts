import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { resolvedTool } from './testing/resolved-tool.ts';
import { mergeCall, mergeHeaders } from './tool.call.ts';

test('the node beats the binding, the binding beats the version', () => {
  const invoke = { url: 'http://v.test/u', base_url: 'http://v.test', path: '/v' };
  expect(mergeCall({ url: 'http://n.test/u', base_url: 'http://n.test', path: '/n' }, resolvedTool(invoke, { base_url: 'http://b.test' }))).toMatchObject({
    url: 'http://n.test/u',
    base_url: 'http://n.test',
    path: '/n',
  });
  expect(mergeCall({}, resolvedTool(invoke, { base_url: 'http://b.test' }))).toMatchObject({ url: 'http://v.test/u', base_url: 'http://b.test', path: '/v' });
  expect(mergeCall({}, resolvedTool(invoke, {}))).toMatchObject({ base_url: 'http://v.test' });
});

test("the method is the version's alone, GET when it says nothing", () => {
  expect(mergeCall({}, resolvedTool({ method: 'post' }))).toMatchObject({ method: 'POST' });
  expect(mergeCall({ method: 'DELETE' } as object, resolvedTool({}))).toMatchObject({ method: 'GET' });
});

test('query, body and headers are merged', () => {
  const call = mergeCall(
    { query: { b: 2 }, body: { y: 2 }, headers: { 'X-B': 'node' } },
    resolvedTool({ query: { a: 1, b: 1 }, body: { x: 1, y: 1 }, headers: { 'x-a': 'v', 'x-b': 'v', 'x-c': 'v' } }, { headers: { 'X-C': 'b', 'x-b': 'b' } }),
  );
  expect(call).toMatchObject({ query: { a: 1, b: 2 }, body: { x: 1, y: 2 }, headers: { 'x-a': 'v', 'x-b': 'node', 'x-c': 'b' } });
});

test('a body that is no object is replaced as a whole', () => {
  expect(mergeCall({ body: [1] }, resolvedTool({ body: { x: 1 } }))).toMatchObject({ body: [1] });
  expect(mergeCall({}, resolvedTool({ body: 'text' }))).toMatchObject({ body: 'text' });
});

test('a config that can not be right is refused by name', () => {
  expect(mergeCall({}, resolvedTool({ methd: 'GET' }))).toMatchObject({ failed: { code: 'tool-config-invalid' } });
  expect(mergeCall({}, resolvedTool({}, { base_url: 7 }))).toMatchObject({ failed: { code: 'tool-config-invalid' } });
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const members = fc.dictionary(name, fc.integer());
const headers = fc.dictionary(
  fc.tuple(name, fc.boolean()).map(([each, upper]) => (upper ? each.toUpperCase() : each)),
  fc.string(),
);

test('law: a member comes from the last layer that has it, and nothing else appears', () => {
  fc.assert(
    fc.property(members, members, (below: JsonObject, above: JsonObject) => {
      const expected = new Map([...Object.entries(below), ...Object.entries(above)]);
      const call = mergeCall({ query: above, body: above }, resolvedTool({ query: below, body: below }));
      expect(call).toMatchObject({ query: Object.fromEntries(expected), body: Object.fromEntries(expected) });
    }),
  );
});

test('law: of all spellings of a header exactly one stays, with the value given last', () => {
  fc.assert(
    fc.property(headers, headers, headers, (...layers) => {
      const all = layers.flatMap((layer) => Object.entries(layer));
      const merged = mergeHeaders(...layers);
      expect(new Set(Object.keys(merged))).toEqual(new Set(all.map(([each]) => each.toLowerCase())));
      for (const [each, value] of Object.entries(merged)) expect(value).toBe(all.findLast(([given]) => given.toLowerCase() === each)?.[1]);
    }),
  );
});
