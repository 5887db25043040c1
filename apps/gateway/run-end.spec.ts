import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { preferredWait } from './run-end.ts';

test.each([
  ['wait=5', 5],
  ['respond-async, wait=10', 10],
  ['return=minimal;x wait=7', 7],
  ['wait=100000', 120],
  ['wait=0', 0],
  ['await=5', undefined],
  ['wait=soon', undefined],
  ['wait=-1', undefined],
  [undefined, undefined],
])('Prefer: %s', (prefer, seconds) => {
  expect(preferredWait({ headers: { prefer } } as unknown as FastifyRequest)).toBe(seconds);
});
