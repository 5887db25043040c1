import { randomBytes } from 'node:crypto';
import { createSecrets } from '@agent-platform/kernel/secrets';
import type { NodeOutcome } from './node.ts';
import { describe, expect, test } from 'vitest';
import { openRequest, sealRequest } from './request-secrets.ts';
import { withoutSecrets } from './secret-scrub.ts';

const secrets = createSecrets([randomBytes(32)]);
const request = { url: 'https://a.test', headers: { authorization: 'Bearer s3cret-word', 'x-shop': '1', cookie: '' } };
const recorded = (...args: Parameters<typeof sealRequest>) => {
  const sealed = sealRequest(...args);
  if ('failed' in sealed) throw new Error(sealed.failed.message);
  return sealed.recorded;
};

test('what is recorded holds no secret, what is performed is what was asked for', () => {
  const kept = recorded(request, 'acme', secrets);
  expect(JSON.stringify(kept)).not.toContain('s3cret');
  expect(kept).toMatchObject({ url: 'https://a.test', headers: { 'x-shop': '1', cookie: '' } });
  expect(openRequest(kept, 'acme', secrets)).toEqual({ request, opened: ['Bearer s3cret-word', ''] });
  expect(recorded(kept, 'acme', secrets)).toEqual(kept);
  expect(recorded(request, 'acme', secrets)).toEqual(kept);
});

test('a request without secrets needs no key, and is not copied', () => {
  const plain = { url: 'https://a.test', headers: { accept: '*/*' } };
  for (const each of [plain, null, 'text', [request]]) {
    expect(recorded(each, 'acme', undefined)).toBe(each);
    expect(openRequest(each, 'acme', undefined)).toEqual({ request: each, opened: [] });
  }
});

describe('fails visibly', () => {
  const kept = recorded(request, 'acme', secrets);
  test.each([
    ['no key, a secret to record', () => sealRequest(request, 'acme', undefined), 'secrets-locked'],
    ['sealed for another workspace', () => sealRequest(kept, 'evil', secrets), 'secret-unreadable'],
    ['no key, a sealed request', () => openRequest(kept, 'acme', undefined), 'secret-unreadable'],
    ['another key', () => openRequest(kept, 'acme', createSecrets([randomBytes(32)])), 'secret-unreadable'],
  ])('%s', (_, work, code) => expect(work()).toMatchObject({ failed: { code, retryable: false } }));
});

test('a request that an older release recorded in clear is performed as it is', () => {
  expect(openRequest(request, 'acme', secrets)).toMatchObject({ request });
});

test('what a server echoes is blotted out, also without its scheme; short words stay', () => {
  const outcome: NodeOutcome = {
    status: 'completed',
    output_json: { a: 'Bearer s3cret-word', b: ['s3cret-word!'], c: 'word' },
    output_text: '"s3cret-word"',
  };
  expect(withoutSecrets(outcome, ['Bearer s3cret-word', 'word'])).toEqual({
    status: 'completed',
    output_json: { a: '***', b: ['***!'], c: 'word' },
    output_text: '"***"',
  });
  expect(withoutSecrets(outcome, [])).toBe(outcome);
  const quoted: NodeOutcome = { status: 'completed', output_json: 'a "quoted\\" one', output_text: null };
  expect(withoutSecrets(quoted, ['"quoted\\" one'])).toMatchObject({ output_json: 'a ***' });
});
