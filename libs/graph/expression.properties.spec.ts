import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from './expression.ts';

describe('properties of expressions', () => {
  const leaf = fc.oneof(
    fc.constantFrom('state.a', 'state.b', 'state.s', 'state.t', 'state.yes', 'state.l'),
    fc.integer({ min: -9, max: 9 }).map((n) => (n < 0 ? `(${n})` : `${n}`)),
    fc.constantFrom('"x"', '"and"', 'true', 'false'),
  );
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('tree'), fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '&&', '||', 'in'), tie('tree'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('tree').map((a) => `!(${a})`),
      fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `[${a}, ${b}]`),
    ),
  }));
  const data = { a: 2, b: 3.5, s: 'x', t: 'yy', yes: true, l: [1, 'x', 3.5] };

  test('agrees with the CEL library wherever that has a value', () => {
    // The library tells whole numbers from others; here there is one kind, so it is asked with mixed sums and differences allowed.
    const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
    for (const [op, of] of [
      ['+', (a: number, b: number) => a + b],
      ['-', (a: number, b: number) => a - b],
      ['*', (a: number, b: number) => a * b],
    ] as const) {
      environment.registerOperator(`int ${op} double`, (a: bigint, b: number) => of(Number(a), b));
      environment.registerOperator(`double ${op} int`, (a: number, b: bigint) => of(a, Number(b)));
    }
    const plain = (value: unknown): JsonValue =>
      JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each === 0 ? 0 : each))) as JsonValue;
    let compared = 0;
    fc.assert(
      fc.property(tree, (source) => {
        let expected: JsonValue;
        try {
          expected = plain(environment.evaluate(source, { state: data }));
        } catch {
          return; // The library has no value for it; this language may.
        }
        compared++;
        expect(evaluate(source, { state: data })).toEqual({ value: expected });
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  test('any text gives a value or an error, and never throws', () => {
    const noise = fc.string({
      unit: fc.constantFrom(
        'state',
        'nodes',
        '.',
        'a-b',
        '0',
        ' ',
        'and',
        'not',
        'or',
        '(',
        ')',
        '[',
        ']',
        '"',
        "'",
        '\\',
        '==',
        '+',
        '-',
        '!',
        '?',
        ':',
        ',',
        '{',
        '}',
        'in',
        'map',
        'x',
        '//',
        '\n',
        '1.5',
        'é',
        '😀',
      ),
    });
    fc.assert(
      fc.property(noise, (source) => {
        const evaluated = evaluate(source, { state: data });
        expect('value' in evaluated ? JSON.stringify(evaluated.value) : evaluated.error.message).toBeTypeOf('string');
      }),
      { numRuns: 2000 },
    );
  });

  test('what is inside quotes is never touched', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' and ', ' or ', 'not ', '-', '.0.', 'nodes.a-b', '//', '(', ']', "'"), maxLength: 20 }), (text) => {
        expect(evaluate(`"${text}"`, {})).toEqual({ value: text });
      }),
    );
  });
});
