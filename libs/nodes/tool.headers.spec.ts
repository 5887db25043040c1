import { expect, test } from 'vitest';
import { renderHeaders } from './tool.headers.ts';

test('a body is JSON unless a content type says otherwise', () => {
  expect(renderHeaders({}, { a: 1 })).toEqual({ headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
  expect(renderHeaders({}, 'text')).toMatchObject({ body: '"text"' });
  expect(renderHeaders({ 'content-type': 'text/csv' }, 'a,b')).toEqual({ headers: { 'content-type': 'text/csv' }, body: 'a,b' });
  expect(renderHeaders({ 'content-type': 'application/problem+json' }, 'text')).toMatchObject({ body: '"text"' });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(renderHeaders(form, { q: 'a b&c', n: [1, 2], gone: null, deep: { x: 1 } })).toMatchObject({ body: 'q=a+b%26c&n=1&n=2&deep=%7B%22x%22%3A1%7D' });
  expect(renderHeaders(form, 'q=1')).toMatchObject({ body: 'q=1' });
});

test('values become text, null takes a header away', () => {
  expect(renderHeaders({ 'x-n': 7, 'x-b': true, 'x-gone': null, 'x-s': ' a ' }, undefined)).toEqual({ headers: { 'x-n': '7', 'x-b': 'true', 'x-s': 'a' } });
});

test.each([
  [{ 'x-a': 'b\r\nx-admin: 1' }, 'line break'],
  [{ 'x-a': '👋' }, 'character'],
  [{ 'x a': 'b' }, 'name of a header'],
  [{ '': 'b' }, 'name of a header'],
])('%j is refused', (headers, why) => {
  expect(renderHeaders(headers, undefined)).toMatchObject({ failed: { code: 'tool-header-invalid', message: expect.stringContaining(why) as string } });
});
