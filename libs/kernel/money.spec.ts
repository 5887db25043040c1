import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat, toMoney, toUnits } from './money.ts';

test('money is exact in both directions', () => {
  expect(toMoney(toUnits('0.1') + toUnits('0.2'))).toBe('0.3');
  expect(['0', '10', '0.000000000001', '120.5'].map((text) => toMoney(toUnits(text)))).toEqual(['0', '10', '0.000000000001', '120.5']);
  expect(toMoney(fromFloat(0.00021))).toBe('0.00021');
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (units) => toUnits(toMoney(units)) === units));
});
