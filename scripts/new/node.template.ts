import type { Names } from './names.ts';

const config = ({ pascal, words }: Names): string => `import { z } from 'zod';
import { Template } from './template.field.ts';

export const ${pascal}Config = z
  .strictObject({ text: Template })
  .meta({ id: '${pascal}NodeConfig', description: 'Renders \`text\` into output_text (${words})' });
export type ${pascal}Config = z.output<typeof ${pascal}Config>;
`;

const node = ({ kebab, camel, pascal }: Names): string => `import { ${pascal}Config } from '@agent-platform/contracts/nodes/${kebab}.config';
import type { PureNode } from './node.ts';
import { completed, failed } from './outcome.ts';
import { asText, render, templateProblems } from './render.ts';

export const ${camel}Node: PureNode<${pascal}Config> = {
  types: ['${kebab}'],
  kind: 'pure',
  summary: 'Renders a text.',
  config: ${pascal}Config,
  check: (config) => templateProblems(config),
  evaluate(config, scope) {
    const rendered = render(config.text, scope);
    if ('failed' in rendered) return failed(rendered.failed);
    return completed({ output_json: null, output_text: asText(rendered.value) });
  },
};
`;

const spec = ({ kebab, camel }: Names): string => `import { expect, test } from 'vitest';
import { ${camel}Node } from './${kebab}.node.ts';
import { scopeOf } from './testing/scope-of.ts';

const evaluate = (config: unknown) => ${camel}Node.evaluate(${camel}Node.config.parse(config), scopeOf({ state: { name: 'Alice' } }));

test('renders its text', () => {
  expect(evaluate({ text: 'Hello {{ state.name }}' })).toMatchObject({ output_text: 'Hello Alice' });
});

test('a broken template fails the node, and is found when the workflow is checked', () => {
  expect(evaluate({ text: '{{ state.name' })).toMatchObject({ status: 'failed', error: { code: 'template-syntax' } });
  expect(${camel}Node.check?.({ text: '{{ state.name' })).toMatchObject([{ path: 'text' }]);
});

test('knows no other field', () => {
  expect(${camel}Node.config.safeParse({ text: 'a', txt: 'b' }).success).toBe(false);
});
`;

/** The files of a new node type. */
export const nodeOf = (names: Names): Record<string, string> => ({
  [`contracts/nodes/${names.kebab}.config.ts`]: config(names),
  [`libs/nodes/${names.kebab}.node.ts`]: node(names),
  [`libs/nodes/${names.kebab}.node.spec.ts`]: spec(names),
});
