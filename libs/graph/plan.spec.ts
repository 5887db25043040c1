import { expect, test } from 'vitest';
import { compile } from './graph.ts';
import { plan } from './plan.ts';
import { drawn } from './testing/arbitrary-graph.ts';

test('a diamond has three groups', () => {
  expect(plan(compile(drawn(4, '0>1', '0>2', '1>3', '2>3')))).toEqual({ entry: ['n0'], groups: [['n0'], ['n1', 'n2'], ['n3']], unordered: [] });
});

test('a node is in the group after its last source', () => {
  expect(plan(compile(drawn(4, '0>1', '1>2', '0>2', '3>2'))).groups).toEqual([['n0', 'n3'], ['n1'], ['n2']]);
});

test('cycles and what is behind them are named apart; an empty document has an empty plan', () => {
  expect(plan(compile(drawn(4, '0>1', '1>2', '2>1', '2>3')))).toEqual({ entry: ['n0'], groups: [['n0']], unordered: ['n1', 'n2', 'n3'] });
  expect(plan(compile(drawn(0)))).toEqual({ entry: [], groups: [], unordered: [] });
});
