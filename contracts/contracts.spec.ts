import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contracts } from './index.ts';

const PATH_PARAMETER = /\{(\w+)\}/g;
const fieldsOf = (schema: z.ZodType): string[] => Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {});

describe.each(contracts.map((contract) => [contract.category, contract] as const))('%s', (_category, contract) => {
  test.each(Object.entries(contract.commands))('%s has an example that parses, and a target in its data', (_type, { data, example, target }) => {
    expect(data.safeParse(example).error?.issues).toBeUndefined();
    expect(fieldsOf(data)).toContain(target);
  });
  test('names of events and commands have two words, and say what they are', () => {
    for (const name of [...Object.keys(contract.events), ...Object.keys(contract.commands), ...Object.keys(contract.queries)])
      expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/);
    for (const { summary } of [...Object.values(contract.events), ...Object.values(contract.commands), ...Object.values(contract.queries)])
      expect(summary).toMatch(/\.$/);
  });
  test('everything can be written as JSON Schema', () => {
    for (const { data } of Object.values(contract.events)) z.toJSONSchema(data);
    for (const { params, result } of Object.values(contract.queries)) {
      z.toJSONSchema(params, { io: 'input' });
      z.toJSONSchema(result);
    }
  });
  test('routes lead to commands or queries whose parameters are in the path', () => {
    for (const { method, path, command, query } of contract.routes) {
      const target = command === undefined ? contract.queries[query ?? '']?.params : contract.commands[command]?.data;
      if (!target) throw new Error(`${method} ${path} leads nowhere`);
      for (const [, parameter = ''] of path.matchAll(PATH_PARAMETER)) expect(fieldsOf(target), `${method} ${path}`).toContain(parameter);
    }
  });
});

test('an id that is a word of the paths is refused', () => {
  for (const [type, field, word] of [
    ['workflow.create', 'workflow_id', 'versions'],
    ['app.create', 'app_id', 'versions'],
    ['tool.create', 'tool_id', 'bindings'],
  ] as const) {
    const command = contracts.flatMap((contract) => Object.entries(contract.commands)).find(([name]) => name === type)?.[1];
    expect(command?.data.safeParse({ ...command.example, [field]: word }).error?.issues[0]?.path).toEqual([field]);
  }
});

test('a name means one thing', () => {
  const names = contracts.flatMap(({ events, commands }) => [...Object.keys(events), ...Object.keys(commands)]);
  expect(names).toHaveLength(new Set(names).size);
  const routes = contracts.flatMap((contract) => contract.routes.map(({ method, path }) => `${method} ${path.replaceAll(PATH_PARAMETER, '{}')}`));
  expect(routes).toHaveLength(new Set(routes).size);
});
