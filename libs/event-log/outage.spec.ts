import { expect, test } from 'vitest';
import { isOutage, unavailable } from './outage.ts';

const refusal = (code: string) => new Error('slonik says so', { cause: Object.assign(new Error('postgres says so'), { code }) });

test('a full disk is told as such: nothing was written, and asking at once does not help', () => {
  expect(unavailable(refusal('53100'))).toMatchObject({ kind: 'transient', code: 'storage-full', retryAfterSeconds: 5 });
  expect(unavailable(refusal('57P01'))).toMatchObject({ kind: 'transient', code: 'log-unavailable' });
});

test.each([
  ['08006', true],
  ['53300', true],
  ['57P03', true],
  ['40P01', true],
  ['ECONNREFUSED', true],
  ['23505', false],
  ['22P02', false],
])('%s is an outage: %s', (code, outage) => expect(isOutage(refusal(code))).toBe(outage));
