import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { describe, expect, test } from 'vitest';
import { compileExpression, evaluate } from './expression.ts';

const big = Array.from({ length: 10_000 }, (_, i) => i);
const scope = {
  state: {
    score: 7,
    half: 1.5,
    name: 'Al and Bo',
    flag: true,
    nothing: null,
    list: [{ x: 1 }, { x: 2 }, {}],
    big,
    long: `${'a'.repeat(20_000)}!`,
    object: { k: 1 },
  },
  nodes: { 'a-b': { output: [{ x: 'v' }], text: 't' }, a: { output: { n: 5 } } },
  input: { key: 'score' },
  current: { node_id: 'here' },
  run: { id: 'r' },
  tools: { t: 'secret' },
};
const result = (source: string): JsonValue => {
  const evaluated = evaluate(source, scope);
  return 'value' in evaluated ? evaluated.value : evaluated.error.code;
};

describe('the language', () => {
  test.each<[string, JsonValue]>([
    ['state.score >= 5', true],
    ['nodes.a-b.output.0.x == "v"', true],
    ['nodes.a-b.text + nodes.a-b.text', 'tt'],
    ['nodes.a.output.n-1', 4],
    ['nodes.a.output.n - 1', 4],
    ['state.score + 1', 8],
    ['state.half * 2 + state.score', 10],
    ['7 / 2', 3.5],
    ['-7 % 4', -3],
    ['state.score == 7.0 and 7 == 7.0', true],
    ['state.score > 5 and (state.flag or false)', true],
    ['not state.flag or state.score == 7', true],
    ['not state.score == 6', true],
    ['not not state.flag', true],
    ['[not state.flag, 1]', [false, 1]],
    ['state.flag ? not state.flag : 1', false],
    ['!state.flag || state.flag && true', true],
    ['state.name == "Al and Bo"', true],
    ["state.name.contains('not') or state.name.endsWith('Bo')", true],
    ['state["score"] == state[input.key] and state.list[0].x == 1', true],
    ['"v" in ["v"] and "k" in state.object and not ("z" in state.object)', true],
    ['{"a": [1, state.score]}', { a: [1, 7] }],
    ['size(state.list) == state.list.size() and size("a😀") == 2', true],
    ['int("12") + int(2.9) + double("0.5")', 14.5],
    ['string(1.5) + string(true)', '1.5true'],
    ['" X ".trim().lowerAscii() + "x".upperAscii()', 'xX'],
    ['"abc".matches("^a.c$") and not "abcd".matches("^a.c$")', true],
    ['state.list.exists(i, i.x == 2) and not state.list.all(i, i.x == 2)', true],
    ['state.list.filter(i, i.x != null).map(i, i.x * 10)', [10, 20]],
    ['state.list.map(i, has(i.x), i.x)', [1, 2]],
    ['state.list.exists_one(i, i.x == 1)', true],
    ['state.object.all(k, k == "k")', true],
    ['state.score > 5 // and a comment with "quotes" or not', true],
    ['r"\\d" == "\\\\d"', true],
  ])('%s', (source, expected) => expect(result(source)).toEqual(expected));

  test.each<[string, JsonValue]>([
    ['state.missing', null],
    ['state.missing.in.the.middle', null],
    ['state.missing.x == null', true],
    ['state.nothing == null', true],
    ['not state.missing', true],
    ['state.missing or state.flag', true],
    ['state.name.x', null],
    ['state.list.9.x == null and state.list.-1 == null', 'expression-syntax'],
    ['state.list[9]', null],
    ['has(state.nothing) and not has(state.missing) and not has(state.missing.x)', true],
    ['state.missing >= 5', 'expression-type'],
    ['state.missing != null and state.missing >= 5', false],
  ])('a missing path is null: %s', (source, expected) => expect(result(source)).toEqual(expected));

  test('an error of one side does not count when the other side decides', () => {
    expect(result('state.missing > 1 or state.flag')).toBe(true);
    expect(result('state.missing > 1 and not state.flag')).toBe(false);
    expect(result('state.list.exists(i, i.x > 1)')).toBe(true);
    expect(result('state.list.exists(i, i.x > 5)')).toBe('expression-type');
  });
});

describe('hostile expressions', () => {
  test.each([
    'state.constructor',
    'state["constructor"]',
    'state.__proto__',
    'state["__proto__"].x',
    'state["\\u0063onstructor"]',
    'state.prototype',
    '{"__proto__": 1}',
    'constructor',
    'this',
    'process',
    'globalThis',
    'tools.t',
    'now',
    'state.\\u0063onstructor',
    'eval("1")',
    'state.name.constructor("x")',
    'state.name.toString()',
    'state.name.repeat(9)',
    '"x".split("")',
    'timestamp("2020-01-01T00:00:00Z")',
    'duration("1s")',
    'type(1)',
    'dyn(1)',
    'cel.bind(x, 1, x)',
    'google.protobuf.Duration',
    'state.x = 1',
    'state.score = 1',
    'a, b',
    '1; 2',
    '`x`',
    '`${1}`',
    'x => x',
    'function() {}',
    'new Date()',
    '/a/.test("a")',
    'state?.x',
    'state.?x',
    'b"x"',
    '1u + 18446744073709551615u',
    '9223372036854775808',
    '(1',
    '"open',
    '"\\"\\"',
    "'''open",
    'state.',
    '..',
    '',
    ' ',
    '&',
    '1 +',
    'and',
    'not',
    'a b',
    'state.a-b',
    'state.big.all(x, state.big.all(y, y > x))',
    'state.big.map(x, state.big.filter(y, y == x))',
    'state.list.all(1, true)',
    'state.name.matches(state.name)',
    '"a".matches("(?=a)")',
    '"a".matches("(")',
    `"a".matches("${'a'.repeat(600)}")`,
  ])('refused before it runs: %s', (source) => {
    const compiled = compileExpression(source);
    expect(compiled).toMatchObject({ error: { code: 'expression-syntax' } });
    if ('error' in compiled) expect([compiled.error.message, compiled.error.remedy].every((text) => text.length > 5)).toBe(true);
  });

  test.each([
    ['brackets', '('.repeat(20_000)],
    ['brackets of allowed length', '('.repeat(2000) + '1' + ')'.repeat(2000)],
    ['lists', '['.repeat(4096)],
    ['negations', '!'.repeat(4000) + 'true'],
    ['words of negation', 'not '.repeat(1000) + 'true'],
    ['sums', '1+'.repeat(2000) + '1'],
    ['a long source', `"${'x'.repeat(1_000_000)}"`],
    ['a long list', `[${'1,'.repeat(1500)}1]`],
  ])('refused for its size: %s', (_, source) => {
    expect(compileExpression(source)).toMatchObject({ error: { code: 'expression-limit' } });
  });

  test.each<[string, JsonValue]>([
    ['state["con" + "structor"]', null],
    ['state[state.list]', 'expression-type'],
    ['1 / 0', 'expression-number'],
    ['0 / 0', 'expression-number'],
    ['1e308 * 10', 'expression-number'],
    ['int("NaN")', 'expression-type'],
    ['double("Infinity")', 'expression-type'],
    ['-0 == 0', true],
    ['-state.name', 'expression-type'],
    ['"1" == 1', false],
    ['"a" < 1', 'expression-type'],
    ['state.list + 1', 'expression-type'],
    ['state.score ? 1 : 2', 'expression-type'],
    ['1 and 2', 'expression-type'],
    ['1 < 2 < 3', 'expression-type'],
    ['"k" in "key"', 'expression-type'],
    ['state.long.matches("(a+)+$")', false],
    ['state.long.matches("(a{1,30}){1,30}$")', 'expression-limit'],
    ['state.big.all(x, x in state.big)', 'expression-limit'],
    ['state.big.map(x, state.big + state.big)', 'expression-limit'],
    ['state.big.all(x, state.big == state.big)', 'expression-limit'],
    ['state.big.exists(x, state.long + "b" == state.long + "c")', 'expression-limit'],
    ['state.big.all(x, x + state.missing > 1 or x in state.big)', 'expression-limit'],
    ['"\uD800" + "x" == "\uD800x"', true],
  ])('bounded: %s', (source, expected) => {
    expect(result(source)).toEqual(expected);
  });

  test('the position of an error is that of the source', () => {
    const compiled = compileExpression('state.a.0 == 1 and nodes.x-y.z == oops');
    expect(compiled).toMatchObject({ error: { position: 34, message: expect.stringContaining('"oops"') as string } });
  });

  test('data nested deeper than the stack is an error', () => {
    const nested = () => Array.from({ length: 100_000 }).reduce<JsonValue>((inner) => [inner], []);
    expect(evaluate('state.a == state.b', { state: { a: nested(), b: nested() } })).toMatchObject({ error: { code: 'expression-limit' } });
  });
});
