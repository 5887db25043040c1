import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSecrets, isSealed, keyId, unwrapKey, wrapKey } from './secrets.ts';

const key = randomBytes(32);
const secrets = createSecrets([key]);
const place = { workspace_id: 'acme', name: 'Authorization' };

describe('sealing', () => {
  test('law: what was sealed opens in its place and does not show', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const sealed = secrets.seal(place, text);
        expect(sealed).toMatch(/^sealed\.v2\.[0-9a-f]{12}\.[\w-]+$/);
        expect(secrets.open({ ...place, name: 'authorization' }, sealed)).toBe(text);
        expect(secrets.seal(place, text)).toBe(sealed);
        expect(secrets.seal(place, sealed)).toBe(sealed);
        if (text.length > 6) expect(sealed).not.toContain(text);
      }),
    );
  });

  test.each([
    ['another workspace', { ...place, workspace_id: 'evil' }],
    ['another name', { ...place, name: 'cookie' }],
    ['a name that hides in the workspace', { workspace_id: 'acme","authorization', name: '' }],
  ])('does not open in %s', (_, other) => {
    expect(secrets.open(other, secrets.seal(place, 'Bearer s3cret'))).toBeNull();
  });

  test('does not open when a single letter was changed, and by no other key', () => {
    const sealed = secrets.seal(place, 'Bearer s3cret');
    for (let at = 'sealed.'.length; at < sealed.length; at++) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      // The last letter of base64 may hold bits that count for nothing.
      const bytes = (text: string) => Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url');
      if (at > sealed.lastIndexOf('.') && bytes(changed).equals(bytes(sealed))) continue;
      expect(secrets.open(place, changed)).toBeNull();
    }
    expect(createSecrets([randomBytes(32)]).open(place, sealed)).toBeNull();
  });

  test('after a change of keys the old ones still open, and the new one seals', () => {
    const sealed = secrets.seal(place, 'Bearer s3cret');
    const later = createSecrets([randomBytes(32), key]);
    expect(later.open(place, sealed)).toBe('Bearer s3cret');
    expect(later.seal(place, 'Bearer s3cret')).not.toBe(sealed);
  });

  test('what an earlier release sealed, which named no key, still opens', () => {
    const fixed = createSecrets([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
    expect(fixed.open(place, 'sealed.v1.6YJleInild2mgMKtrTDc3gDenwVKWhwO0E25hhQ0Qtsds85hNquhpzE')).toBe('Bearer s3cret');
    expect(fixed.open({ ...place, name: 'cookie' }, 'sealed.v1.6YJleInild2mgMKtrTDc3gDenwVKWhwO0E25hhQ0Qtsds85hNquhpzE')).toBeNull();
  });

  test('text that only looks sealed is text', () => {
    for (const text of ['sealed.v1.', 'sealed.v2.', 'sealed.v2.a.b', 'sealed.v1.AAAA', 'sealed.v1.*', `sealed.v1.${'A'.repeat(80)}`]) {
      expect(isSealed(text)).toBe(true);
      expect(secrets.open(place, text)).toBeNull();
      expect(secrets.open(place, secrets.seal(place, text))).toBe(text);
    }
  });
});

describe('a key under another one', () => {
  test('comes out again by that one only, and does not show', () => {
    const master = randomBytes(32);
    const wrapped = wrapKey(key, master);
    expect(unwrapKey(wrapped, master)).toEqual(Buffer.from(key));
    expect(unwrapKey(wrapped, randomBytes(32))).toBeNull();
    expect(unwrapKey(`${wrapped.slice(0, -4)}AAAA`, master)).toBeNull();
    expect(Buffer.from(wrapped, 'base64url').includes(key)).toBe(false);
  });
  test('has a name of its own, in what it sealed', () => {
    expect(keyId(key)).not.toBe(keyId(randomBytes(32)));
    expect(secrets.seal(place, 'x')).toContain(`.${keyId(key)}.`);
  });
});
