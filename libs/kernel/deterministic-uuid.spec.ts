import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { deterministicUuid } from './deterministic-uuid.ts';

test('a key has one UUID, for ever: stored ids depend on it', () => {
  expect(deterministicUuid('human_task/acme/run-1/ask/1')).toBe('c46ca0cd-07cc-8d61-ac06-e23bc6632ae5');
});

test('every key gives a valid version 8 UUID, and other keys give others', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(z.uuid({ version: 'v8' }).safeParse(deterministicUuid(a)).success).toBe(true);
      expect(deterministicUuid(a) === deterministicUuid(b)).toBe(a === b);
    }),
  );
});
