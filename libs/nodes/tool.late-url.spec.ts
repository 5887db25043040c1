import { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { expect, test, describe } from 'vitest';
import { knowledgeRetrievalNode } from './knowledge-retrieval.node.ts';
import { performRecorded } from './recorded.request.ts';
import { requestWithMarks } from './secret-marks.ts';
import { scopeOf } from './testing/scope-of.ts';
import { toolNode } from './tool.node.ts';

const SECRETS: Readonly<Record<string, string>> = {
  hook: 'https://Hooks.Example.com/services/T000/abcdefghij?z=1',
  Host: 'Tenant-4711.example.com',
  base: 'https://api.example.com/v1/',
  inside: 'http://user:pass@10.0.0.1/',
  nonsense: 'no address at all',
  path: 'a/b?c#d',
  user: 'me@evil.test:80',
};

/** Address that is asked for when a config is performed, and what is told of it. */
async function call(config: object) {
  const recorded = requestWithMarks(toolNode, ToolConfig.parse(config), scopeOf({ input: { q: 'x y' } }));
  if (typeof recorded === 'object' && recorded !== null && 'failed' in recorded) return { failed: recorded['failed'] };
  const asked: string[] = [];
  const ports = { http: { send: async ({ url }: { url: string }) => (asked.push(url), { status: 200, headers: {}, text: `asked ${url}`, truncated: false }) } };
  const outcome = await performRecorded(
    recorded,
    { node: toolNode, ports: ports as never, secrets: undefined, secretOf: async (name) => SECRETS[name] ?? null, explain: String as never },
    { stream: { workspace_id: 'acme', category: 'run', stream_id: 'r' }, key: 'k', signal: new AbortController().signal } as never,
  );
  return { recorded: recorded as JsonObject, url: asked[0], outcome };
}

describe('an address that only a secret knows', () => {
  test.each([
    ['whole', { url: '{{ secrets.hook }}' }, 'https://hooks.example.com/services/T000/abcdefghij?z=1'],
    ['whole, with a query', { url: '{{ secrets.hook }}', query: { q: '{{ input.q }}' } }, 'https://hooks.example.com/services/T000/abcdefghij?z=1&q=x+y'],
    ['host', { url: 'https://{{ secrets.Host }}/a?b=1' }, 'https://tenant-4711.example.com/a?b=1'],
    ['part of a host, and a path', { url: 'https://x-{{ secrets.Host }}/{{ secrets.path }}' }, 'https://x-tenant-4711.example.com/a%2Fb%3Fc%23d'],
    ['base', { base_url: '{{ secrets.base }}', path: '/orders/{{ input.q }}' }, 'https://api.example.com/v1/orders/x%20y'],
    ['query', { base_url: '{{ secrets.base }}', query: { key: '{{ secrets.path }}' } }, 'https://api.example.com/v1/?key=a%2Fb%3Fc%23d'],
  ])('%s', async (_name, config, url) => {
    for (const one of [config, ...('url' in config ? [{ builtin: 'http', input: config }] : [])]) {
      const called = await call(one);
      expect(called.url).toBe(url);
      const told = JSON.stringify([called.recorded, called.outcome]);
      for (const word of ['abcdefghij', '4711', 'api.example.com', 'hooks.example', 'a/b?c', 'a%2Fb']) expect(told, word).not.toContain(word);
      expect(called.outcome).toMatchObject({ status: 'completed', output_json: { request: { url: expect.stringContaining('{{ secrets.') as string } } });
    }
  });

  test.each([
    ['that holds credentials', { url: '{{ secrets.inside }}' }],
    ['whose host brings a path', { url: 'https://{{ secrets.path }}.example.com/' }],
    ['whose host brings a user', { url: 'https://{{ secrets.user }}.example.com/' }],
    ['that is none', { url: '{{ secrets.nonsense }}' }],
    ['that is left by its path', { base_url: '{{ secrets.base }}', path: '../admin' }],
  ])('%s is none that a port accepts', async (_name, config) => {
    const { url, outcome } = await call(config);
    expect(url).toBe('');
    expect(JSON.stringify(outcome)).not.toMatch(/10\.0\.0\.1|no address/);
  });
});

describe('the source of a retrieval', () => {
  const ask = async (source_url: string) => {
    const recorded = requestWithMarks(
      knowledgeRetrievalNode,
      knowledgeRetrievalNode.config.parse({ query: 'x', source_url, headers: { 'x-token': 'Bearer {{ secrets.path }}' } }),
      scopeOf(),
    );
    const asked: { url: string; headers: object }[] = [];
    const ports = {
      http: { send: async (request: (typeof asked)[number]) => (asked.push(request), { status: 200, headers: {}, text: '[]', truncated: false }) },
    };
    const parts = { node: knowledgeRetrievalNode, ports: ports as never, secrets: undefined, secretOf: async (name: string) => SECRETS[name] ?? null };
    const context = { stream: { workspace_id: 'acme', category: 'run', stream_id: 'r' }, key: 'k', signal: new AbortController().signal } as never;
    return { asked: asked, outcome: await performRecorded(recorded as JsonObject, { ...parts, explain: String as never }, context) };
  };
  test('has its secrets in path and headers', async () => {
    const { asked, outcome } = await ask('https://docs.test/{{ secrets.path }}');
    expect(asked).toMatchObject([{ url: 'https://docs.test/a/b%3Fc%23d', headers: { 'x-token': 'Bearer a/b?c#d' } }]);
    expect(outcome).toMatchObject({ status: 'completed' });
  });
  test.each(['{{ secrets.hook }}', 'https://{{ secrets.path }}.test/', 'nonsense {{ secrets.path }}'])('%s has none in its host', async (source_url) => {
    const { asked } = await ask(source_url);
    expect(asked.filter(({ url }) => url !== '')).toEqual([]);
  });
});
