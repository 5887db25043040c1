import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hasCredentials, isSecretHeader, mapSecretHeaders, sealConfig, withoutCredentials } from './secret-headers.ts';
import { createSecrets } from './secrets.ts';

const secrets = createSecrets([randomBytes(32)]);
const seal = (config: Parameters<typeof sealConfig>[0]) => sealConfig(config, '/config', 'acme', secrets);

test.each(['Authorization', 'proxy-authorization', 'COOKIE', 'set-cookie', 'x-api-key', 'apikey', 'X_API_KEY', 'x-auth-token', 'client-secret', 'X-Password'])(
  '%s holds a secret',
  (name) => expect(isSecretHeader(name)).toBe(true),
);
test.each(['accept', 'x-author', 'content-type', 'cookies-eaten', 'x-shop', 'authorization-hint', 'idempotency-key'])('%s holds none', (name) =>
  expect(isSecretHeader(name)).toBe(false),
);

describe('a config that people wrote', () => {
  test('keeps everything but its secrets', () => {
    const config = { url: 'https://a.test', headers: { Authorization: 'Bearer x', 'x-password': 7, 'x-shop': '1', 'x-token': null }, body: { token: 'data' } };
    const { config: sealed, problems } = seal(config);
    expect(problems).toEqual([]);
    expect(sealed).toEqual({
      ...config,
      headers: { Authorization: expect.stringMatching(/^sealed/), 'x-password': expect.stringMatching(/^sealed/), 'x-shop': '1', 'x-token': null },
    });
    const opened = mapSecretHeaders(sealed, (name, text) => secrets.open({ workspace_id: 'acme', name }, text) ?? '');
    expect(opened).toMatchObject({ headers: { Authorization: 'Bearer x', 'x-password': '7' } });
    expect(seal(sealed)).toEqual({ config: sealed, problems: [] });
  });

  test('is the same object when it has none; templates say where a secret comes from', () => {
    for (const config of [{}, { headers: { accept: '*/*' } }, { headers: 'no' }, { headers: { authorization: 'Bearer {{ state.token }}', cookie: '' } }])
      expect(seal(config).config).toBe(config);
  });

  test.each([
    ['a value sealed for another workspace', { headers: { cookie: secrets.seal({ workspace_id: 'evil', name: 'cookie' }, 'x') } }, '/config/headers/cookie'],
    ['a value that only looks sealed', { headers: { cookie: 'sealed.v1.x' } }, '/config/headers/cookie'],
    ['a value that is too long when it is sealed', { headers: { cookie: 'ü'.repeat(3000) } }, '/config/headers/cookie'],
    ['a user in the URL', { url: 'https://ada@a.test/x' }, '/config/url'],
    ['a password in the base URL', { base_url: ' HTTPS://ada:pw@a.test' }, '/config/base_url'],
  ])('%s is refused by name', (_, config, field) => {
    expect(seal(config).problems).toEqual([{ field, rule: expect.stringMatching(/./), remedy: expect.stringMatching(/./) }]);
  });

  test('is refused as a whole where there is no key', () => {
    expect(() => sealConfig({ headers: { cookie: 'a' } }, '', 'acme', undefined)).toThrow(expect.objectContaining({ kind: 'fault', code: 'secrets-locked' }));
  });
});

test('credentials of URLs are seen, and cut out of messages', () => {
  for (const url of ['https://a.test/@b', 'https://a.test/?q=x@y', 'mailto:a@b.test', '{{ state.url }}']) expect(hasCredentials(url)).toBe(false);
  expect(withoutCredentials('https://ada:p@ss@a b')).toBe('https://***@a b');
});
