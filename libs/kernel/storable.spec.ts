import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storable, storableText } from './storable.ts';

const depthOf = (value: unknown): number => (typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0);

const nested = (levels: number): unknown => {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

test('a storable value stays what it is', () => {
  const value = { text: 'Grüße 👋', list: [1, 2.5, null, true], empty: {} };
  expect(storable(value)).toEqual({ value, changes: {} });
});

test('NUL is taken out and lone surrogates are replaced, in values and keys', () => {
  expect(storable({ 'a\0': 'x\0y\0', b: 'half \ud83d pair' })).toEqual({
    value: { a: 'xy', b: 'half \ufffd pair' },
    changes: { nul_removed: 3, surrogates_replaced: 1 },
  });
});

test('a key that becomes __proto__ only by cleaning is left out too', () => {
  const { value, changes } = storable(JSON.parse('{"__proto__":{"admin":true},"__pro\\u0000to__":1,"ok":1}'));
  expect(value).toEqual({ ok: 1 });
  expect(changes).toEqual({ keys_removed: 2, nul_removed: 1 });
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('what JSON can not write becomes null', () => {
  expect(storable([Number.NaN, Infinity, 1n, () => 1, -0])).toEqual({ value: [null, null, null, null, 0], changes: { values_nulled: 4 } });
});

test('64 levels stay, the 65th is cut, a million levels and a cycle do no harm', () => {
  expect(storable(nested(64))).toEqual({ value: nested(64), changes: {} });
  expect(storable(nested(65)).changes).toEqual({ depth_cut: 1 });
  expect(depthOf(storable(nested(1_000_000)).value)).toBe(64);
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  expect(depthOf(storable(cycle).value)).toBe(64);
});

test('a text above the limit is cut between characters', () => {
  const { value, changes } = storableText('👋'.repeat(400_000));
  expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1_000_000);
  expect(Buffer.byteLength(value)).toBeGreaterThan(999_000);
  expect(value.isWellFormed()).toBe(true);
  expect(changes).toEqual({ size_cut: 1 });
});

test('the result is always within the limits, is JSON, and is a fixed point', () => {
  const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' });
  const hostile = fc.oneof(json, fc.array(fc.string({ unit: 'binary', minLength: 20, maxLength: 60 })), fc.anything({ maxDepth: 4 }));
  fc.assert(
    fc.property(hostile, fc.integer({ min: 32, max: 300 }), (input, limit) => {
      const { value } = storable(input, limit);
      const text = JSON.stringify(value);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text.includes('\\u0000')).toBe(false);
      expect(text.isWellFormed() && !/\\ud[89a-f]/i.test(text)).toBe(true);
      expect(JSON.parse(text)).toEqual(value);
      expect(storable(value, limit)).toEqual({ value, changes: {} });
    }),
  );
});
