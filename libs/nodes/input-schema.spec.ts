import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { compileInputSchema } from './input-schema.ts';

const check = (schema: JsonObject, input: JsonValue): string | null => {
  const compiled = compileInputSchema(schema);
  return 'error' in compiled ? compiled.error : compiled.check(input);
};

test('a whole JSON Schema is checked', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  };
  expect(check(schema, { n: 1 })).toBeNull();
  expect(check(schema, { n: '1' })).toBe('n must be integer');
  expect(check(schema, {})).toContain("must have required property 'n'");
  expect(check(schema, { n: 1, m: 2 })).toBe('the input must NOT have additional properties ("m")');
});

test('a plain map of properties is a schema too, its properties optional unless they say otherwise', () => {
  expect(check({ query: { type: 'string' } }, { query: 'milk' })).toBeNull();
  expect(check({ query: { type: 'string' } }, {})).toBeNull();
  expect(check({ query: { type: 'string' } }, { query: 7 })).toBe('query must be string');
  expect(check({ type: { type: 'string', required: true } }, {})).toContain("required property 'type'");
  expect(check({}, [1, 2])).toBeNull();
});

test('what is no schema, too large, too deep or elsewhere is refused with a remedy', () => {
  expect(check({ type: 'nothing' }, {})).toContain('is not a JSON Schema');
  expect(check({ type: 'object', description: 'x'.repeat(70_000) }, {})).toContain('is longer than 65536');
  let deep: JsonObject = { type: 'string' };
  for (let level = 0; level < 20; level += 1) deep = { type: 'object', not: deep };
  expect(check(deep, {})).toContain('nested deeper than 20');
  expect(check({ $ref: 'https://example.com/schema.json' }, {})).toContain('outside');
  expect(check({ $ref: '#' }, {})).toContain('refers to itself');
});

test('a recursive schema works as long as it goes into the input', () => {
  const tree = {
    type: 'object',
    properties: { name: { type: 'string' }, left: { $ref: '#' }, right: { $ref: '#' }, all: { type: 'array', items: { $ref: '#' } } },
    required: ['name'],
  };
  expect(check(tree, { name: 'a', left: { name: 'b' }, all: [{ name: 'c' }] })).toBeNull();
  expect(check(tree, { name: 'a', right: {} })).toContain("right must have required property 'name'");
});

test('schemas and patterns that would take exponential time do not', () => {
  const $defs: JsonObject = { s60: { type: 'string' } };
  for (let step = 0; step < 60; step += 1) $defs[`s${step}`] = { anyOf: [{ $ref: `#/$defs/s${step + 1}` }, { $ref: `#/$defs/s${step + 1}` }] };
  expect(check({ type: 'object', $defs, $ref: '#/$defs/s0' }, {})).toContain('too often');
  const twice = { $ref: '#' };
  expect(check({ type: 'object', anyOf: [{ properties: { x: twice } }, { properties: { x: twice } }] }, {})).toContain('too often');
  expect(check({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}!`)).toContain('must match pattern');
  expect(check({ type: 'string', pattern: '(?=x)' }, 'x')).toContain('is not a JSON Schema');
});

test('two patterns of one schema are two patterns', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } } };
  expect(check(schema, { a: 'a', b: 'b' })).toBeNull();
  expect(check(schema, { a: 'a', b: 'a' })).toContain('b must match');
});

test('duplicates are found by value, whatever the order of members', () => {
  const unique = { type: 'array', uniqueItems: true };
  expect(
    check(unique, [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]),
  ).toContain('duplicate');
  expect(
    check(
      unique,
      Array.from({ length: 20_000 }, (_, at) => ({ at })),
    ),
  ).toBeNull();
});

test('a schema cannot run code or reach a prototype', () => {
  expect(
    check({ type: 'object', properties: { "'];process.exit()//": { type: 'string', pattern: "'+process.exit()+'" } } }, { "'];process.exit()//": 'x' }),
  ).toContain('must match');
  expect(check(JSON.parse('{"__proto__": {"type": "string"}}') as JsonObject, {})).toBeNull();
});
