import { Failure } from '@agent-platform/kernel/failure';
import { expect, test } from 'vitest';
import { backoffMs, isSettlement, settle, settlementOf } from './settlement.ts';

test.each([
  ['invalid', 'term'],
  ['denied', 'term'],
  ['missing', 'ack'],
  ['conflict', 'retry'],
  ['transient', 'retry'],
  ['fault', 'dead'],
] as const)('a failure of kind %s settles as %s', (kind, expected) => {
  expect(settlementOf(new Failure(kind, 'x', 'x')).settle).toBe(expected);
});

test('an unknown error is a fault: dead, with the cause kept', () => {
  const error = new Error('boom');
  expect(settlementOf(error)).toMatchObject({ settle: 'dead', failure: { kind: 'fault', cause: error } });
});

test('retryAfterSeconds is the delay', () => {
  expect(settlementOf(new Failure('transient', 'x', 'x', { retryAfterSeconds: 3 }))).toMatchObject({ settle: 'retry', afterMs: 3000 });
});

test('the back-off doubles up to a minute', () => {
  expect([1, 2, 3, 9, 1000].map(backoffMs)).toEqual([250, 500, 1000, 60_000, 60_000]);
});

test('only settlements are settlements', () => {
  expect([settle.ack, settle.retry(), settle.working].every(isSettlement)).toBe(true);
  expect([undefined, null, true, {}, { settle: 'ok' }, 'ack'].some(isSettlement)).toBe(false);
});
