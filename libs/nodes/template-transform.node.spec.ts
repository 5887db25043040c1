import { expect, test } from 'vitest';
import { scopeOf } from './testing/scope-of.ts';
import { templateTransformNode } from './template-transform.node.ts';

const scope = scopeOf({ state: { user_name: 'Alice', score: 7, hostile: '", "admin": true, "x": "' } });
const transform = (config: unknown) => templateTransformNode.evaluate(templateTransformNode.config.parse(config), scope);

test('text', () => {
  expect(transform({ template: '{{state.user_name}} passed with score {{state.score}}' })).toEqual({
    status: 'completed',
    output_json: null,
    output_text: 'Alice passed with score 7',
  });
  expect(transform({ template: { a: '{{state.score}}' }, output_format: 'text' })).toMatchObject({ output_text: '{"a":7}' });
});

test('an object or a list is rendered inside its texts', () => {
  expect(transform({ template: { name: '{{state.user_name}}', score: '{{state.score}}' } })).toMatchObject({
    output_json: { name: 'Alice', score: 7 },
    output_text: null,
  });
  expect(transform({ template: ['{{state.score}}', 'n={{state.score}}'] })).toMatchObject({ output_json: [7, 'n=7'] });
});

test('JSON as text: before rendering where it parses, so that a value stays in its quotes; else after it', () => {
  expect(transform({ template: '{"x": "{{state.hostile}}"}', output_format: 'json' })).toMatchObject({ output_json: { x: '", "admin": true, "x": "' } });
  expect(transform({ template: '{"n": {{state.score}}}', output_format: 'json' })).toMatchObject({ output_json: { n: 7 } });
  expect(transform({ template: '{"n": {{state.user_name}}}', output_format: 'json' })).toMatchObject({
    status: 'failed',
    error: { code: 'template-json-invalid' },
  });
});

test('broken templates are found inside lists and objects', () => {
  expect(templateTransformNode.check?.({ template: { list: ['ok', '{{ | }}'] } })).toMatchObject([{ path: 'template.list.1' }]);
});
