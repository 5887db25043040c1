import { expect, test } from 'vitest';
import { fallbackNode, startNode } from './start.node.ts';
import { scopeOf } from './testing/scope-of.ts';

test('start completes with basic metadata', () => {
  expect(startNode.evaluate({}, scopeOf())).toEqual({
    status: 'completed',
    output_json: { executor: 'default', node_id: 'here', attempt: 1 },
    output_text: null,
  });
});

test('the fallback takes any config', () => {
  expect(fallbackNode.config.safeParse({ anything: [1, { goes: true }] }).success).toBe(true);
  expect(fallbackNode.evaluate({}, scopeOf()).status).toBe('completed');
});
