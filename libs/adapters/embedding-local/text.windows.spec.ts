import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowsOf } from './text.windows.ts';

test('sentences and lines stay together as long as they fit', () => {
  expect(windowsOf('A refund takes five days. Parcels arrive in three.\n\nWe open at nine.')).toEqual([
    'A refund takes five days. Parcels arrive in three. We open at nine.',
  ]);
  const sentence = `${'word '.repeat(30).trim()}.`;
  expect(windowsOf([sentence, sentence, 'End.'].join(' '))).toEqual([sentence, `${sentence} End.`]);
});

test('what is longer than a window is cut at a blank, and a word without one anywhere', () => {
  expect(windowsOf('ab '.repeat(100)).map(({ length }) => length)).toEqual([200, 98]);
  expect(windowsOf('x'.repeat(450)).map(({ length }) => length)).toEqual([200, 200, 50]);
});

test('there is always something to read, never longer than a window, and never more than 32 of them', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 9000 }), (text) => {
      const windows = windowsOf(text);
      expect(windows.length).toBeGreaterThan(0);
      expect(windows.length).toBeLessThanOrEqual(32);
      for (const window of windows) expect(window.length > 0 && window.length <= 200).toBe(true);
    }),
  ));
