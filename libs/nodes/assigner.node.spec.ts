import type { JsonValue } from '@agent-platform/contracts/kit/index';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignerNode } from './assigner.node.ts';
import { scopeOf } from './testing/scope-of.ts';

const assign = (assignments: Record<string, JsonValue>, state = {}) => assignerNode.evaluate(assignerNode.config.parse({ assignments }), scopeOf({ state }));

test('values go into the state with their types', () => {
  const updates = { score: 7, user_name: 'Alice' };
  expect(assign(updates)).toEqual({ status: 'completed', output_json: { state_updates: updates }, output_text: null, state_updates: updates });
});

test('a text that is one place takes over the value, inside other text it becomes text', () => {
  const result = assign(
    { copy: '{{state.list}}', text: 'n={{state.n}}', deep: { n: ['{{state.n}}'] }, gone: '{{state.nothing}}' },
    { list: [1, { a: true }], n: 2 },
  );
  expect(result).toMatchObject({ state_updates: { copy: [1, { a: true }], text: 'n=2', deep: { n: [2] }, gone: null } });
});

const plain = fc
  .jsonValue({ maxDepth: 4 })
  // Text in braces is a template, and a key of that name is dropped where the config is read.
  .filter((value) => !/\{\{|__proto__/.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

test('whatever is assigned, by value or by place, keeps its type', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(assign({ value, copy: '{{ state.source }}' }, { source: value })).toMatchObject({ status: 'completed', state_updates: { value, copy: value } });
    }),
  );
});
