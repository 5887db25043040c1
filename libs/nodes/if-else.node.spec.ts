import { expect, test } from 'vitest';
import { ifElseNode } from './if-else.node.ts';
import { scopeOf } from './testing/scope-of.ts';

const scope = scopeOf({ state: { score: 7, name: 'Alice' }, nodes: { 'a-b': { output: { list: [{ ok: true }] } } } });
const decide = (expression: string) => ifElseNode.evaluate({ expression }, scope);

test('a condition is a boolean, a route, and nothing else', () => {
  expect(decide('state.score >= 5')).toEqual({ status: 'completed', output_json: { condition_result: true, route: 'true' }, output_text: null, route: 'true' });
  expect(decide('state.score < 5')).toMatchObject({ output_json: { condition_result: false, route: 'false' }, route: 'false' });
  expect(decide('nodes.a-b.output.list.0.ok and not (state.name == "Bob")')).toMatchObject({ route: 'true' });
});

test('a missing path is false, another value is an error that says what to do', () => {
  expect(decide('state.never_set')).toMatchObject({ route: 'false' });
  expect(decide('state.name')).toMatchObject({ status: 'failed', error: { code: 'condition-not-boolean', retryable: false } });
});

test.each(['state.constructor.constructor("return process")()', 'state.__proto__', 'process.exit()', 'state.score >=', ''])('%s never runs', (expression) => {
  expect(['failed', 'false']).toContain(((result) => (result.status === 'failed' ? 'failed' : result.route))(decide(expression)));
});

test('a broken expression is found when the workflow is checked', () => {
  expect(ifElseNode.check?.({ expression: 'state.score >=' })).toMatchObject([{ path: 'expression' }]);
  expect(ifElseNode.check?.({ expression: 'state.score >= 5' })).toEqual([]);
});
