import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Failure } from '@agent-platform/kernel/index';
import { vetName } from './lookup.guard.ts';
import { canonicalPair, guardTarget } from './target.guard.ts';
import { ssrfCorpus, type SsrfCase } from './testing/ssrf-corpus.ts';

const RULES = { allow: new Set<string>(), ports: new Set([80, 443]) };

/** The whole way of an address up to the connection, with the DNS of the case. */
async function verdict({ input, resolves_to }: SsrfCase): Promise<string> {
  try {
    const { url } = guardTarget(input, RULES);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) return 'allowed';
    if (!resolves_to) throw new Error(`asked DNS for ${host}`);
    await vetName(host, async () => resolves_to.map((address) => ({ address, family: isIP(address) })));
    return 'allowed';
  } catch (error) {
    if (error instanceof Failure) return `reject:${error.code}`;
    throw error;
  }
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'allowed';
  } catch (error) {
    return error instanceof Failure ? error.code : String(error);
  }
};

describe('attack corpus C1', () => {
  it('has 230 cases and more, with unique ids', () => {
    expect(new Set(ssrfCorpus.map(({ id }) => id)).size).toBe(ssrfCorpus.length);
    expect(ssrfCorpus.length).toBeGreaterThanOrEqual(230);
  });

  it.each(ssrfCorpus)('$id $why: $expected', async (one) => {
    expect(await verdict(one)).toBe(one.expected);
  });

  it('refuses every address with one and the same text', async () => {
    const texts = new Set<string>();
    for (const one of ssrfCorpus.filter(({ expected }) => expected !== 'allowed')) {
      try {
        guardTarget(one.input, RULES);
      } catch (error) {
        texts.add(error instanceof Failure ? error.message : String(error));
      }
    }
    expect(texts.size).toBe(1);
  });
});

describe('operator exceptions', () => {
  const rules = { ...RULES, allow: new Set(['127.0.0.1:9000', '[::1]:9000', 'Host.Docker.Internal:11434', 'example.com:80'].map(canonicalPair)) };

  it.each(['http://127.0.0.1:9000/x', 'http://[::1]:9000/', 'http://host.docker.internal:11434/v1', 'http://example.com/'])('%s is trusted', (url) => {
    expect(guardTarget(url, rules).trusted).toBe(true);
  });

  it.each([
    'http://127.0.0.1:9001/',
    'http://127.0.0.1/',
    'http://2130706433:9000/',
    'http://127.1:9000/',
    'http://127.0.0.2:9000/',
    'http://localhost:9000/',
    'http://user@127.0.0.1:9000/',
    'http://127.0.0.1:9000@10.0.0.1/',
    'https://example.com:8443/',
  ])('%s is not covered', (url) => {
    expect(codeOf(() => guardTarget(url, rules))).toBe('egress-denied');
  });

  it.each(['127.0.0.1', 'http://a:1', 'a:b', '*:80', 'a:1/x', 'a b:1', ''])('"%s" is no host:port', (entry) => {
    expect(() => canonicalPair(entry)).toThrow('host:port');
  });

  it('says bad-url to what is no address at all', () => {
    for (const url of ['', '//10.0.0.1/', 'nonsense', 'http://', 'http://[::1', `http://example.com/${'x'.repeat(9000)}`]) {
      expect(codeOf(() => guardTarget(url, RULES))).toBe('bad-url');
    }
  });
});
