import { nodeConfigs } from '@agent-platform/contracts/nodes/index';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { builtinNodes, createRegistry, type PureNode } from './index.ts';

const shout: PureNode<{ text: string }> = {
  types: ['shout', 'yell'],
  kind: 'pure',
  summary: 'Says it louder.',
  config: z.strictObject({ text: z.string() }),
  evaluate: ({ text }) => ({ status: 'completed', output_json: null, output_text: text.toUpperCase() }),
};

test('every promised type is there under its own name, with the promised config', () => {
  for (const [type, config] of Object.entries(nodeConfigs)) {
    expect(builtinNodes.get(type)?.types[0]).toBe(type);
    expect(builtinNodes.get(type)?.config).toBe(config);
  }
});

test.each([
  ['condition', 'if-else'],
  ['retriever', 'knowledge-retrieval'],
  ['signal', 'wait'],
  ['end', 'start'],
])('%s is another name of %s', (alias, type) => {
  expect(builtinNodes.get(alias)).toBe(builtinNodes.get(type));
});

test('own node types join the built-in ones under all their names', () => {
  const registry = createRegistry([shout]);
  expect(registry.get('yell')).toBe(shout);
  expect(registry.get('llm')).toBe(builtinNodes.get('llm'));
});

test('a name can not be taken twice', () => {
  expect(() => createRegistry([{ ...shout, types: ['loud', 'answer'] }])).toThrow('Node type "answer" of "loud" is taken by "answer"; give it another name.');
  expect(() => createRegistry([shout, shout])).toThrow('Node type "shout"');
});

test('unknown types have a stand-in in lenient mode only', () => {
  expect(createRegistry().fallback).toBeDefined();
  expect(builtinNodes.fallback).toBeUndefined();
});

test('every config can be published as JSON Schema, with a description', () => {
  for (const [type, config] of Object.entries(nodeConfigs)) {
    expect(config.meta()?.description, type).toBeTruthy();
    expect(() => z.toJSONSchema(config, { io: 'input' }), type).not.toThrow();
  }
});
