import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillDollars } from './skill-run.template.ts';

test.each([
  ['Hello $name', { name: 'Lucas' }, 'Hello Lucas'],
  ['Hello ${name}s', { name: 'Lucas' }, 'Hello Lucass'],
  ['$$name costs $5 ${', { name: 'x' }, '$name costs $5 ${'],
  ['$a$b${c}', { a: '$b', b: null, c: { d: [1] } }, '$b{"d":[1]}'],
  ['$n, $t', { n: 7, t: true }, '7, true'],
])('%s', (template, parameters, text) => expect(fillDollars(template, parameters)).toEqual({ text }));

test('every missing parameter is named once, also names that all objects have', () =>
  expect(fillDollars('$a ${toString} $a $b', { b: 1 })).toEqual({ missing: ['a', 'toString'] }));

test('what would be too long is not made', () => expect(fillDollars('$a'.repeat(1000), { a: 'x'.repeat(100_000) })).toEqual({ tooLong: 1_000_000 }));

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/);
type Part = { readonly source: string; readonly text: string };

test('what stands around and in the places comes out as it is', () => {
  const parameters = fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 5, noNullPrototype: true });
  fc.assert(
    fc.property(
      parameters.chain((values) =>
        fc.record({
          values: fc.constant(values),
          parts: fc.array(
            fc.oneof<fc.Arbitrary<Part>[]>(
              fc.string().map((text) => ({ source: text.replaceAll('$', () => '$$'), text })),
              fc.constantFrom(...Object.keys(values)).map((key) => ({ source: `\${${key}}`, text: values[key] ?? '' })),
            ),
          ),
        }),
      ),
      ({ values, parts }) => {
        const template = parts.map(({ source }) => source).join('');
        expect(fillDollars(template, values)).toEqual({ text: parts.map(({ text }) => text).join('') });
      },
    ),
  );
});

test('any text can be a template', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '_', '1', ' ') }), (template) => {
      const filled = fillDollars(template, { a: '' });
      expect(Object.keys(filled)).toHaveLength(1);
    }),
  );
});
