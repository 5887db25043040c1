import { expect, test } from 'vitest';
import { matchesSubject } from './subject-match.ts';

test.each([
  ['evt.*.run.*.run.created', 'evt.acme.run.r1.run.created', true],
  ['evt.*.run.*.run.created', 'evt.acme.run.r1.run.failed', false],
  ['evt.*.run.*.run', 'evt.acme.run.r1.run.created', false],
  ['evt.acme.>', 'evt.acme.run.r1.run.created', true],
  ['evt.acme.>', 'evt.acme', false],
  ['evt.acme.>', 'evt.other.run', false],
  ['>', 'a', true],
])('%s and %s: %s', (filter, subject, expected) => {
  expect(matchesSubject(filter, subject)).toBe(expected);
});
