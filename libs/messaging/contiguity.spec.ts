import { expect, test } from 'vitest';
import { contiguity, createVersionTracker } from './contiguity.ts';

test.each([
  [0, 1, 'next'],
  [5, 6, 'next'],
  [5, 5, 'repeat'],
  [5, 2, 'repeat'],
  [5, 7, 'hole'],
])('after %i comes %i: %s', (last, next, expected) => {
  expect(contiguity(last, next)).toBe(expected);
});

test('versions are told apart by stream, and only what was taken counts', () => {
  const tracker = createVersionTracker();
  expect(tracker.check('a', 4)).toBe('next');
  expect(tracker.check('a', 9)).toBe('next');
  tracker.take('a', 4);
  expect(tracker.check('a', 5)).toBe('next');
  expect(tracker.check('a', 4)).toBe('repeat');
  expect(tracker.check('a', 6)).toBe('hole');
  expect(tracker.check('b', 6)).toBe('next');
  tracker.take('a', 2);
  expect(tracker.check('a', 5)).toBe('next');
});

test('a full tracker forgets the stream it took longest ago', () => {
  const tracker = createVersionTracker(2);
  for (const stream of ['a', 'b', 'a', 'c']) tracker.take(stream, 1);
  expect(tracker.check('b', 9)).toBe('next');
  expect(tracker.check('a', 9)).toBe('hole');
});
