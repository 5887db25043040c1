import type { JsonValue } from '@agent-platform/contracts/kit/index';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathValue } from './path.ts';
import { compileTemplate, renderText, renderValue, TEMPLATE_LIMITS } from './template.ts';

const scope = {
  state: {
    user_name: 'Alice',
    score: 7,
    done: true,
    nothing: null,
    tags: ['a', 'b'],
    braces: '{{ state.score }}',
    object: { a: [1, 'x'] },
    at: '2026-03-01T10:20:30+02:00',
    own: JSON.parse('{"constructor":"mine"}') as JsonValue,
  },
  nodes: { 'retrieve-docs': { output: { retrieved_documents: [{ title: 'Refund Policy' }] }, text: 'found' } },
  current: { node_id: 'render-answer' },
  input: { query: 'refund' },
  run: { id: 'r1', workspace_id: 'w' },
  tools: { 'tool:t': { secret: 'hidden' } },
  now: '2026-01-01T00:00:00Z',
};
const text = (template: string) => {
  const rendered = renderText(template, scope);
  return 'text' in rendered ? rendered.text : rendered.error.code;
};

describe('renderText', () => {
  test.each([
    ['{{state.user_name}} passed with score {{state.score}}', 'Alice passed with score 7'],
    ['{{nodes.retrieve-docs.output.retrieved_documents.0.title}}', 'Refund Policy'],
    ['{{ nodes.retrieve-docs.text }} by {{ current.node_id }}', 'found by render-answer'],
    ['{{ input.query }} {{ run.id }} {{ state.done }}', 'refund r1 true'],
    ['[{{ state.missing }}{{ state.missing.deep.0 }}{{ nothing }}{{ state.nothing }}{{ state.user_name.length }}]', '[]'],
    ['{{ state.tags }} {{ state.object }}', '["a","b"] {"a":[1,"x"]}'],
    ['{"a":{{state.object}}}', '{"a":{"a":[1,"x"]}}'],
    ['no slots, } and { and }} stay', 'no slots, } and { and }} stay'],
    ['{{ "{{" }} {{ \'}}\' }}', '{{ }}'],
    ['', ''],
  ])('%s', (template, expected) => expect(text(template)).toBe(expected));

  test('a value is never rendered again', () => expect(text('{{ state.braces }}')).toBe('{{ state.score }}'));

  test('only the names of the scope are seen, and only own properties', () => {
    expect(text('[{{ tools.tool:t.secret }}{{ now }}{{ state.toString }}{{ state.tags.length }}{{ state.tags.-1 }}{{ state.tags.00 }}]')).toBe('[]');
    expect(text('{{ state.own.constructor }}')).toBe('template-path');
  });

  test.each([
    ['{{ state.user_name | upper }} {{ state.user_name | lower }}', 'ALICE alice'],
    ['{{ state.missing | default("a }} b") }}', 'a }} b'],
    ['{{ state.missing | default(0) }}{{ state.score | default(1) }}', '07'],
    ['{{ state.tags | join("-") }} {{ state.tags | join }} {{ state.tags | length }} {{ state.object | length }}', 'a-b a, b 2 1'],
    ['{{ state.tags | first }}{{ state.tags | last }}{{ state.score | first }}', 'ab'],
    ['{{ state.user_name | truncate(3) }} {{ state.user_name | truncate(3, "…") }} {{ state.user_name | truncate(9, "…") }}', 'Ali Ali… Alice'],
    ['{{ "😀😀😀" | truncate(2) }}', '😀😀'],
    ['{{ "  x " | trim }}', 'x'],
    ['{{ state.user_name | json }} {{ state.missing | json }} {{ state.object | json }} {{ "a\\"b" | json }}', '"Alice" null {"a":[1,"x"]} "a\\"b"'],
    [
      '{{ state.at | date }} {{ state.at | date("date") }} {{ state.at | date("time") }} {{ state.at | date("datetime") }} {{ state.at | date("unix") }}',
      '2026-03-01T08:20:30.000Z 2026-03-01 08:20:30 2026-03-01 08:20:30 1772353230',
    ],
    ['[{{ "yesterday" | date }}{{ "2026-03-01T10:00" | date }}{{ state.tags | date }}]', '[]'],
  ])('filters: %s', (template, expected) => expect(text(template)).toBe(expected));
});

describe('what is refused', () => {
  test.each([
    ['{{', 'template-syntax', 1, 1],
    ['ab\n  {{ state.x', 'template-syntax', 2, 3],
    ['{{ {{ }} }}', 'template-syntax', 1, 4],
    ['{{ }}', 'template-syntax', 1, 4],
    ['{{ state.x y }}', 'template-syntax', 1, 12],
    ['{{ state.x | upper( }}', 'template-syntax', 1, 21],
    ['{{ "open }}', 'template-syntax', 1, 4],
    ['{{1|valueOf}}', 'template-path', 1, 3],
    ['{{ a..b }}', 'template-path', 1, 4],
    ['{{ .a }}', 'template-path', 1, 4],
    ['{{ state.__proto__.x }}', 'template-path', 1, 4],
    ['{{ constructor }}', 'template-path', 1, 4],
    ['{{ state.x | nope }}', 'template-filter', 1, 14],
    ['{{ state.x | constructor }}', 'template-filter', 1, 14],
    ['{{ state.x | toString }}', 'template-filter', 1, 14],
    ['{{ state.x | truncate }}', 'template-filter', 1, 14],
    ['{{ state.x | upper(1) }}', 'template-filter', 1, 14],
    ['{{ state.x | date("%Y") }}', 'template-filter', 1, 14],
  ])('%s', (template, code, line, column) => {
    const compiled = compileTemplate(template);
    expect(compiled).toMatchObject({ error: { code, line, column } });
    if ('error' in compiled) expect(compiled.error.remedy).toMatch(/\.$/);
  });

  test('sources, outputs and work beyond the limits', () => {
    const filled = { state: { big: 'x'.repeat(1_000_000), list: Array.from({ length: 1000 }, (_, i) => i) } };
    const code = (template: string) => {
      const rendered = renderText(template, filled);
      return 'error' in rendered ? rendered.error.code : 'rendered';
    };
    expect(code('{'.repeat(TEMPLATE_LIMITS.sourceLength + 1))).toBe('template-limit');
    expect(code('{{ state.big }}'.repeat(5))).toBe('template-limit');
    expect(code('{{ state.big | truncate(0) }}'.repeat(8000))).toBe('template-limit');
    expect(code('{{ state.list | length }}'.repeat(8000))).toBe('rendered');
    expect(code('{{ state.list | json | truncate(0) }}'.repeat(6000))).toBe('template-limit');
  });

  test('hostile sources of full length, in linear time', () => {
    const half = TEMPLATE_LIMITS.sourceLength / 2;
    for (const piece of ['{{', '{{"\\', '{ ', '{{a|', '{{a}}', '{{ "', '{{a | upper ']) {
      renderText(piece.repeat(Math.floor((half * 2) / piece.length)), scope);
    }
  });
});

describe('renderValue', () => {
  test('renders every string, keeps the type of a lone slot, leaves keys and other values alone', () => {
    const value = {
      '{{ state.score }}': '{{state.score}}',
      list: ['{{ state.tags }}', '{{ state.score }}!', 1, null],
      missing: '{{ state.missing }}',
      count: '{{ state.tags | length }}',
      plain: 'x',
    };
    expect(renderValue(value, scope)).toEqual({ value: { '{{ state.score }}': 7, list: [['a', 'b'], '7!', 1, null], missing: null, count: 2, plain: 'x' } });
  });

  test('an error names the field', () => {
    expect(renderValue({ headers: [{ auth: '{{ oops' }] }, scope)).toMatchObject({
      error: { message: expect.stringMatching(/^headers\.0\.auth: .*line 1, column 1/) as string },
    });
  });

  test('refuses values nested too deep', () => {
    const deep = JSON.parse('['.repeat(100) + ']'.repeat(100)) as JsonValue;
    expect(renderValue(deep, scope)).toMatchObject({ error: { code: 'template-limit' } });
  });

  test('a key named __proto__ stays data', () => {
    const rendered = renderValue(JSON.parse('{"__proto__":{"x":"{{ state.score }}"}}') as JsonValue, scope);
    expect(JSON.stringify(rendered)).toBe('{"value":{"__proto__":{"x":7}}}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('properties', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/).filter((word) => word !== 'constructor');

  test('any text renders or is refused, never throws, and text without braces is itself', () => {
    const noise = fc.string({ unit: fc.constantFrom('{{', '}}', '{', '}', '|', '"', '\\', '(', ')', ',', ' ', 'state', '.', 'a', '0', '\n', 'upper', '😀') });
    fc.assert(
      fc.property(noise, (template) => {
        const rendered = renderText(template, scope);
        expect('text' in rendered || rendered.error.remedy !== '').toBe(true);
        if (!template.includes('{{')) expect(rendered).toEqual({ text: template });
      }),
    );
  });

  test('a lone slot gives the value at the path, and never the text undefined', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(name, json, fc.array(name, { maxLength: 3 }), (key, value, more) => {
        const path = ['state', key, ...more].join('.');
        const data = { state: { [key]: value } };
        expect(renderValue(`{{ ${path} }}`, data)).toEqual({ value: pathValue(path, data) ?? null });
        const rendered = renderText(`{{ ${path} }}`, data);
        if (typeof value !== 'string') expect('text' in rendered && rendered.text.includes('undefined')).toBe(JSON.stringify(value).includes('undefined'));
      }),
    );
  });
});
