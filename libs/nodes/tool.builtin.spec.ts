import { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { describe, expect, test } from 'vitest';
import { builtinTools } from './builtin/index.ts';
import { scopeOf } from './testing/scope-of.ts';

import { toolNode } from './tool.node.ts';

/** What the node answers at once, with nothing outside. */
function ask(builtin: string, input: object, scope = scopeOf()) {
  const request = toolNode.request(ToolConfig.parse({ builtin, input }), scope);
  return 'failed' in request ? { status: 'failed', error: request.failed } : toolNode.immediate?.(request);
}

describe('calculator', () => {
  test.each([
    ['2 + 3 * 4', {}, 14],
    ['input.net * 1.19', { net: 100 }, 119],
    ['input.a > 2 ? "many" : "few"', { a: 3 }, 'many'],
    ['input.prices.map(p, p * 2)', { prices: [1, 2] }, [2, 4]],
  ])('%s', (expression, values, result) => {
    expect(ask('calculator', { expression, values })).toMatchObject({ status: 'completed', output_json: { builtin: 'calculator', result } });
  });
  test.each(['2 +', 'process.exit()', 'input.a.b.c +', '1 / 0', 'nodes.x.y + 1'])('%s fails with a reason', (expression) => {
    expect(ask('calculator', { expression })).toMatchObject({ status: 'failed', error: { code: 'calculation-failed' } });
  });
  test('values come from templates, and are never an expression', () => {
    const scope = scopeOf({ input: { n: '1 + 1' } });
    expect(ask('calculator', { expression: 'input.n', values: { n: '{{ input.n }}' } }, scope)).toMatchObject({ output_json: { result: '1 + 1' } });
  });
});

describe('current_time', () => {
  const scope = scopeOf({ now: '2030-06-01T12:00:00.000Z' });
  test('is the time of the decision, in the zone that is asked for', () => {
    expect(ask('current_time', {}, scope)).toMatchObject({
      output_json: { result: { iso: '2030-06-01T12:00:00.000Z', unix: 1906545600, weekday: 'Saturday' } },
    });
    expect(ask('current_time', { time_zone: 'Europe/Berlin' }, scope)).toMatchObject({ output_text: '2030-06-01 14:00:00 Europe/Berlin' });
  });
  test('a zone that is none fails', () => {
    expect(ask('current_time', { time_zone: 'Mars/Base' }, scope)).toMatchObject({ error: { code: 'time-zone-unknown' } });
  });
});

test('what doesn’t fit is refused by name', () => {
  expect(ask('calculator', {})).toMatchObject({ error: { code: 'tool-input-invalid', message: expect.stringContaining('input.expression') as string } });
  expect(ask('current_time', { zone: 'UTC' })).toMatchObject({ error: { code: 'tool-input-invalid' } });
  for (const config of [{ builtin: 'calculator', url: 'https://a.test' }, { builtin: 'shell' }, { input: {} }])
    expect(ToolConfig.safeParse(config).success).toBe(false);
});

test('models are told of them with their schemas', () => {
  expect(builtinTools.map(({ name }) => name)).toEqual(['calculator', 'current_time', 'http', 'postgres_query', 'email', 'knowledge_search']);
  expect(builtinTools[0]?.input_schema).toMatchObject({ type: 'object', required: ['expression'] });
});
