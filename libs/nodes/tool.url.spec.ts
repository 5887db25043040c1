import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildUrl } from './tool.url.ts';

const query = {};

test.each([
  ['http://a.test', '/x'],
  ['http://a.test/', 'x'],
  ['http://a.test///', '///x'],
])('%s and %s are joined with one slash', (base_url, path) => {
  expect(buildUrl({ base_url, path, query })).toEqual({ url: 'http://a.test/x' });
});

test('a whole URL is used as it is; the query is added to it, lists as repeated names, null as nothing', () => {
  expect(
    buildUrl({ url: 'http://a.test/u?k=1#here', base_url: 'http://b.test', path: '/p', query: { a: 1, l: ['x', 2], n: null, o: { p: true }, s: 'ü &' } }),
  ).toEqual({
    url: 'http://a.test/u?k=1&a=1&l=x&l=2&o=%7B%22p%22%3Atrue%7D&s=%C3%BC+%26',
  });
});

test.each(['../admin', '/x/../../admin', '%2e%2e/admin', '\\..\\..\\admin'])('the path %s can not leave its base', (path) => {
  expect(buildUrl({ base_url: 'http://a.test/v1/shop', path, query })).toMatchObject({ failed: { code: 'tool-url-invalid' } });
});

test('a base keeps its query; one with a password is refused', () => {
  expect(buildUrl({ base_url: 'http://a.test/v1/?key=1', path: 'x?y=2', query: { z: 3 } })).toEqual({ url: 'http://a.test/v1/x?y=2&key=1&z=3' });
  expect(buildUrl({ base_url: 'http://a:b@a.test', path: 'x', query })).toMatchObject({ failed: { code: 'tool-url-invalid' } });
});

test('without an address, or with a broken one, nothing is called', () => {
  expect(buildUrl({ path: '/x', query })).toMatchObject({ failed: { code: 'tool-url-invalid' } });
  expect(buildUrl({ url: 'not a url', query })).toMatchObject({ failed: { code: 'tool-url-invalid' } });
});

test('credentials are refused before anything is recorded, and no message repeats them', () => {
  for (const url of ['http://ada:s3cret@a.test/x', 'http://ada@a.test', 'http://ada:s3cret@a b/'])
    for (const parts of [{ url }, { base_url: url, path: 'x' }, { base_url: url }]) {
      const built = buildUrl({ ...parts, query: {} });
      expect(built).toMatchObject({ failed: { code: 'tool-url-invalid' } });
      expect(JSON.stringify(built)).not.toContain('s3cret');
    }
});

test('law: whatever the path, the call goes to the base or nowhere', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom('..', '/', '//', '\\', '@', ':', '?', '#', '%2e', '%2f', 'evil.test', 'http:', '\t', '\n'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(hostile, (steps) => {
      const built = buildUrl({ base_url: 'http://a.test/base', path: steps.join(''), query: { a: 1 } });
      if ('failed' in built) return;
      const { origin, pathname, searchParams } = new URL(built.url);
      expect(origin).toBe('http://a.test');
      expect(pathname === '/base' || pathname.startsWith('/base/')).toBe(true);
      expect(searchParams.getAll('a').at(-1)).toBe('1');
    }),
  );
});
