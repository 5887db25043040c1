import { expect, test } from 'vitest';
import { isSupportedServer } from './server-version.ts';

test.each([
  ['2.12.0', true],
  ['2.15.1', true],
  ['v3.0.0', true],
  ['2.13.0-beta.1', true],
  ['2.11.9', false],
  ['2.9.10', false],
  ['', false],
])('server %s is new enough: %s', (version, expected) => {
  expect(isSupportedServer(version)).toBe(expected);
});
