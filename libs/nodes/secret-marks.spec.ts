import { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { describe, expect, test } from 'vitest';
import { fillRequest, isReference, markOf, namesIn, requestWithMarks } from './secret-marks.ts';
import { resolvedTool } from './testing/resolved-tool.ts';
import { scopeOf } from './testing/scope-of.ts';
import { toolNode } from './tool.node.ts';

const values = new Map([
  ['token', 'a/b "c"&d\\e'],
  ['hook', 'T0/B1/xyz'],
]);
const ask = (config: object, scope = scopeOf()) => requestWithMarks(toolNode, ToolConfig.parse(config), scope);
const fill = (request: ReturnType<typeof ask>) => {
  const mark = markOf(request as never);
  if (mark === null) throw new Error('there is no mark');
  return fillRequest(toolNode, request as never, mark, values);
};

test('what is recorded names the secret, what is sent has it in the spelling of its place', () => {
  const request = ask({
    url: 'https://a.test/hooks/{{ secrets.hook }}',
    query: { key: '{{ secrets.token }}' },
    headers: { Authorization: 'Bearer {{ secrets.hook }}' },
    body: { token: '{{ secrets.token }}' },
  });
  expect(request).toMatchObject({
    url: 'https://a.test/hooks/*secrets.hook*?key=*secrets.token*',
    headers: { authorization: 'Bearer *secrets.hook*' },
    body: '{"token":"*secrets.token*"}',
    secret_mark: '*secrets.',
  });
  expect(namesIn(request as never, '*secrets.').toSorted()).toEqual(['hook', 'token']);
  const filled = fill(request);
  expect(filled).toMatchObject({
    request: {
      url: 'https://a.test/hooks/T0/B1/xyz?key=a%2Fb%20%22c%22%26d%5Ce',
      headers: { authorization: 'Bearer T0/B1/xyz' },
      body: JSON.stringify({ token: values.get('token') }),
    },
  });
  expect(filled).not.toHaveProperty('request.secret_mark');
  expect(filled).toMatchObject({ used: expect.arrayContaining(['a/b "c"&d\\e', 'a%2Fb%20%22c%22%26d%5Ce']) as unknown });
});

test('tools and bindings may name secrets too', () => {
  const tool = resolvedTool({ base_url: 'https://a.test' }, { headers: { 'x-token': '{{ secrets.token }}' } });
  const request = ask({ tool_binding_id: 'binding-1' }, scopeOf({ tools: { 'tool_binding:binding-1': tool } }));
  expect(request).toMatchObject({ headers: { 'x-token': '*secrets.token*' } });
});

describe('nobody but a template can name a secret', () => {
  const config = { url: 'https://a.test/?{{ input.q }}', headers: { 'x-token': '{{ secrets.token }}' }, body: { text: '{{ input.text }}' } };
  test.each([
    ['as a mark', '*secrets.token*'],
    ['as a template', '{{ secrets.token }}'],
    ['with what URLs leave out', '*sec\nrets.token*'],
    ['encoded', '%2Asecrets.token%2A'],
    ['of another attempt', '*secrets1.token* *secrets.token*'],
    ['in capitals', '*SECRETS.token*'],
  ])('%s', (_, text) => {
    const request = ask(config, scopeOf({ input: { q: text, text } }));
    const filled = fill(request);
    if ('failed' in filled) throw new Error(filled.failed.message);
    const { headers, ...rest } = filled.request as { headers: object };
    expect(headers).toMatchObject({ 'x-token': values.get('token') });
    expect(JSON.stringify(rest)).not.toMatch(/a\/b|a%2Fb/);
  });
});

test('a secret can’t go through a filter', () => {
  expect(ask({ url: 'https://a.test/{{ secrets.token | upper }}' })).toMatchObject({ failed: { code: 'secret-reference' } });
  expect(ask({ url: 'https://a.test/{{ secrets }}' })).toMatchObject({ failed: { code: 'secret-reference' } });
});

test('without secrets a request is as ever', () => {
  const config = { url: 'https://a.test/' };
  expect(ask(config)).toEqual(toolNode.request(ToolConfig.parse(config), scopeOf()));
  expect(markOf(ask(config) as never)).toBeNull();
});

test('only a text that is nothing but a reference is recorded in a secret header as it is', () => {
  expect(isReference('Bearer *secrets.token*', '*secrets.')).toBe(true);
  expect(isReference('*secrets.token*', '*secrets.')).toBe(true);
  expect(isReference('session=abc; *secrets.token*', '*secrets.')).toBe(false);
  expect(isReference('Bearer *secrets.token*', '*secrets1.')).toBe(false);
});
