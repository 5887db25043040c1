import { renderValue } from '@agent-platform/graph/index';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from './literal.ts';

const json = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Record<string, never>>;

test('what looks like a template comes out as it went in', () => {
  const given = { q: 'all of {{ secrets.token }}', deep: [{ x: '{{' }, 1, null], plain: 'text' };
  const { value, state } = literal(given);
  expect(JSON.stringify(value)).not.toContain('secrets');
  expect(renderValue(value, { state })).toEqual({ value: given });
});

test('law: rendered, any JSON is what it was', () => {
  fc.assert(
    fc.property(json, (given) => {
      const data = JSON.parse(JSON.stringify(given)) as Record<string, never>;
      const { value, state } = literal(data);
      expect(renderValue(value, { state })).toEqual({ value: data });
    }),
    { numRuns: 200 },
  );
});
