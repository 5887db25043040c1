import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSecrets, isSealed } from './secrets.ts';

const key = randomBytes(32);
const secrets = createSecrets([key]);
const place = { workspace_id: 'acme', name: 'Authorization' };

describe('sealing', () => {
  test('law: what was sealed opens in its place and does not show', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const sealed = secrets.seal(place, text);
        expect(sealed).toMatch(/^sealed\.v1\.[\w-]+$/);
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
    for (let at = 'sealed.v1.'.length; at < sealed.length; at++) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      // The last letter of base64 may hold bits that count for nothing.
      if (Buffer.from(changed.slice(10), 'base64url').equals(Buffer.from(sealed.slice(10), 'base64url'))) continue;
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

  test('text that only looks sealed is text', () => {
    for (const text of ['sealed.v1.', 'sealed.v1.AAAA', 'sealed.v1.*', `sealed.v1.${'A'.repeat(80)}`]) {
      expect(isSealed(text)).toBe(true);
      expect(secrets.open(place, text)).toBeNull();
      expect(secrets.open(place, secrets.seal(place, text))).toBe(text);
    }
  });
});
