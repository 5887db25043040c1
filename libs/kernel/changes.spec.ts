import { expect, test } from 'vitest';
import { changes, given } from './changes.ts';

test('names only what is given and differs', () => {
  const before = { name: 'A', description: null as string | null, list: [{ x: 1 }] };
  expect(changes(before, { name: 'B', list: [{ x: 1 }] })).toEqual({ name: 'B' });
  expect(changes(before, { name: undefined, description: 'text' })).toEqual({ description: 'text' });
  const described: typeof before = { ...before, description: 'text' };
  expect(changes(described, { description: null })).toEqual({ description: null });
  expect(changes(before, { name: 'A' })).toEqual({});
});

test('drops fields without a value', () => {
  expect(Object.keys(given({ name: undefined, description: null, number: 0 }))).toEqual(['description', 'number']);
});
