import { expect, test } from 'vitest';
import { answerNode } from './answer.node.ts';
import { scopeOf } from './testing/scope-of.ts';

const scope = scopeOf({ state: { name: 'Alice' }, nodes: { 'ask-llm': { text: 'Hello {{ state.name }}', output: { items: [{ title: 'First' }] } } } });
const answer = (config: unknown) => answerNode.evaluate(answerNode.config.parse(config), scope);

test('both names of the template give the answer', () => {
  expect(answer({ template: 'Dear {{state.name}}, {{nodes.ask-llm.output.items.0.title}}' })).toMatchObject({ output_text: 'Dear Alice, First' });
  expect(answer({ answer: 'at {{current.node_id}}' })).toMatchObject({ output_text: 'at here' });
});

test('a value is never rendered again, a missing one is empty, an object is JSON', () => {
  expect(answer({ template: '{{nodes.ask-llm.text}}' })).toMatchObject({ output_text: 'Hello {{ state.name }}' });
  expect(answer({ template: '[{{state.nothing}}]' })).toMatchObject({ output_text: '[]' });
  expect(answer({ template: '{{nodes.ask-llm.output}}' })).toMatchObject({ output_text: '{"items":[{"title":"First"}]}' });
});

test('a broken template fails the node, and is found when the workflow is checked', () => {
  expect(answer({ template: '{{ state.name' })).toMatchObject({ status: 'failed', error: { code: 'template-syntax', retryable: false } });
  expect(answerNode.check?.({ template: '{{ state.name' })).toMatchObject([{ path: 'template' }]);
  expect(answerNode.check?.({ template: '{{ state.name }}' })).toEqual([]);
});

test('an answer needs exactly one template and knows no other field', () => {
  for (const config of [{}, { template: 'a', answer: 'b' }, { template: 'a', txt: 'b' }]) expect(answerNode.config.safeParse(config).success).toBe(false);
});

test('an output beyond the limit fails the node instead of being cut', () => {
  const large = answerNode.evaluate({ template: '{{state.x}}{{state.x}}' }, scopeOf({ state: { x: 'x'.repeat(600_000) } }));
  expect(large).toMatchObject({ status: 'failed', error: { code: 'output-too-large' } });
});
