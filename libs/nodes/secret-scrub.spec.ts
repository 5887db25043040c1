import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutSecrets } from './secret-scrub.ts';

const SECRET = `tok+en/with "quotes" & <signs> 'ü' 4711`;
const scrub = (text: string, secret = SECRET): string => JSON.stringify(withoutSecrets({ status: 'failed', text, list: [{ text }] }, [secret]));

describe('a value is found in the spellings of', () => {
  test.each([
    ['itself', SECRET],
    ['JSON', JSON.stringify({ a: SECRET })],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ a: SECRET }))],
    ['JSON of PHP', JSON.stringify({ a: SECRET }).replaceAll('/', '\\/')],
    ['JSON of Python', JSON.stringify({ a: SECRET }).replaceAll('ü', '\\u00fc')],
    ['JSON of PHP without Unicode', JSON.stringify({ a: SECRET }).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc')],
    ['an address', encodeURIComponent(SECRET)],
    ['an address in lower case', encodeURIComponent(SECRET).replaceAll(/%../g, (one) => one.toLowerCase())],
    ['a form', new URLSearchParams({ a: SECRET }).toString()],
    ['HTML', `<b>${SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')}</b>`],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
    ['base64 with a user before', Buffer.from(`user:${SECRET}`).toString('base64')],
    ['base64 in other places', `${Buffer.from(`a:${SECRET}:b`).toString('base64')} ${Buffer.from(`ab${SECRET}c`).toString('base64')}`],
    ['hex', Buffer.from(SECRET).toString('hex')],
  ])('%s', (_name, text) => {
    const left = scrub(`before ${text} after`);
    expect(left).toContain('***');
    for (const piece of ['quotes', '4711', Buffer.from('quotes').toString('hex'), Buffer.from(SECRET).toString('base64').slice(12, 24)])
      expect(left).not.toContain(piece);
  });
});

test('of an authorization the token alone is found, and of an address its parts', () => {
  expect(scrub('got token-0815-x', 'Bearer token-0815-x')).not.toContain('0815');
  const hook = 'https://Hooks.Example.com/services/T000/B0000000/abcdefghijkl?key=mnopqrst';
  for (const text of ['POST /services/T000/B0000000/abcdefghijkl?key=mnopqrst', 'host: hooks.example.com', 'abcdefghijkl', 'key=mnopqrst', new URL(hook).href])
    expect(scrub(text, hook)).toContain('"text":"' + (text.includes(' ') ? text.split(' ')[0] + ' ' : '') + '***');
});

test('of basic credentials and cookies, what a server understands of them is found', () => {
  const basic = `Basic ${Buffer.from('user:pass-word-1').toString('base64')}`;
  for (const text of ['pass-word-1', 'user:pass-word-1', basic.slice(6)]) expect(scrub(text, basic)).toContain('"text":"***"');
  expect(scrub('abcdefgh', 'theme=dark; session=abcdefgh')).toContain('"text":"***"');
});

test('where an answer was cut, the beginning of a value counts', () => {
  const secret = createHash('sha256').update('x').digest('hex');
  for (const length of [8, 9, 40, 63]) {
    const cut = withoutSecrets({ error: { message: `status 500: ${secret.slice(0, length)}`, n: 1 } }, [secret]);
    expect(cut).toEqual({ error: { message: 'status 500: ***', n: 1 } });
  }
  expect(withoutSecrets({ text: `${secret.slice(0, 20)} is not at the end` }, [secret])).toEqual({ text: `${secret.slice(0, 20)} is not at the end` });
});

test('short values and other texts stay as they are', () => {
  const outcome = { status: 'completed', output_text: 'nothing to see', list: [1, null, true] };
  expect(withoutSecrets(outcome, ['short', '', SECRET])).toBe(outcome);
});

test('whatever a value is, it is not left where it stood', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!'***'.includes(secret) && ![before, after].some((text) => text.includes('*')));
      const { text } = withoutSecrets({ text: `${before}${secret}${after}` }, [secret]);
      expect(text).not.toContain(secret);
    }),
    { numRuns: 100 },
  );
});
