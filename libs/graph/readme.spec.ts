import { readFileSync } from 'node:fs';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { describe, expect, test } from 'vitest';
import { evaluate } from './expression.ts';
import { renderText, renderValue } from './template.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
const block = (name: string): string => readme.split(`\`\`\`${name}\n`)[1]?.split('\n```')[0] ?? '';
const scope = JSON.parse(block('json scope')) as object;

const run: Record<string, (source: string) => unknown> = {
  template: (source) => renderText(source, scope),
  value: (source) => renderValue(JSON.parse(source) as JsonValue, scope),
  expression: (source) => evaluate(source, scope),
};

describe.each(Object.entries(run))('README: %s', (name, execute) => {
  const examples = block(name)
    .split('\n')
    .map((line) => line.split(/\s+=> /));
  test('has examples', () => expect(examples.length).toBeGreaterThan(2));
  test.each(examples)('%s', (source = '', expected = '') => {
    expect(execute(source)).toEqual({ [name === 'template' ? 'text' : 'value']: JSON.parse(expected) as JsonValue });
  });
});
