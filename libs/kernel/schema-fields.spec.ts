import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaFields, shapeFailure } from './schema-fields.ts';

const Input = z.strictObject({
  name: z.string().max(3),
  kind: z.enum(['a', 'b']).optional(),
  at: z.object({ 'x/y': z.int() }).optional(),
  id: z.uuid().optional(),
  port: z.int().min(1).lt(10).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  list: z.array(z.string()).min(1).optional(),
  type: z.literal('dag').optional(),
  value: z.union([z.string(), z.int()]).optional(),
  shape: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), size: z.int() }), z.object({ kind: z.literal('b') })]).optional(),
  either: z.union([z.boolean(), z.strictObject({ deep: z.int() })]).optional(),
  keyed: z.record(z.string().regex(/^[a-z]+$/, 'must be lower-case letters'), z.int()).optional(),
  step: z.int().multipleOf(5).optional(),
  code: z
    .string()
    .regex(/^[a-z]+$/, 'must be lower-case letters')
    .optional(),
});
const fields = (input: unknown) => schemaFields(Input.safeParse(input).error ?? new z.ZodError([]));

test('an unknown field is named itself', () => {
  expect(fields({ name: 'x', nmae: 1 })).toEqual([{ field: '/nmae', rule: 'is not known here', remedy: 'remove it, or check its spelling' }]);
});

test('a missing field is told from one of another type', () => {
  expect(fields({})).toEqual([{ field: '/name', rule: 'is required', remedy: 'add it, as a string' }]);
  expect(fields({ name: 1 })).toEqual([{ field: '/name', rule: 'must be a string', remedy: 'send a string' }]);
  expect(fields({ name: 'x', tags: 'x' })).toEqual([{ field: '/tags', rule: 'must be an object', remedy: 'send an object' }]);
});

test('the place is a JSON pointer; choices are listed', () => {
  expect(fields({ name: 'x', at: { 'x/y': 'no' } })).toEqual([{ field: '/at/x~1y', rule: 'must be a number', remedy: 'send a number' }]);
  expect(fields({ name: 'x', kind: 'c' })).toEqual([{ field: '/kind', rule: 'must be one of a, b', remedy: 'send one of a, b' }]);
  expect(fields({ name: 'x', type: 'c' })).toEqual([{ field: '/type', rule: 'must be dag', remedy: 'send dag' }]);
});

test.each([
  [{ name: 'long' }, 'must have at most 3 characters'],
  [{ name: 'x', port: 0 }, 'must be at least 1'],
  [{ name: 'x', port: 10 }, 'must be less than 10'],
  [{ name: 'x', port: 1.5 }, 'must be a whole number'],
  [{ name: 'x', list: [] }, 'must have at least 1 entry'],
  [{ name: 'x', id: 'x' }, 'must be a UUID'],
  [{ name: 'x', code: 'X' }, 'must be lower-case letters'],
])('limits are in words, a contract’s own words stay: %j', (input, rule) => {
  expect(fields(input)).toMatchObject([{ rule }]);
});

test.each<[string, object, object]>([
  ['one of several types', { value: true }, { field: '/value', rule: 'must be a string or a number' }],
  ['one of several kinds', { shape: { kind: 'c' } }, { field: '/shape/kind', rule: 'must be one of a, b' }],
  ['a field of a kind', { shape: { kind: 'a' } }, { field: '/shape/size', rule: 'is required' }],
  ['the alternative that was meant', { either: { deep: 'x' } }, { field: '/either/deep', rule: 'must be a number' }],
  ['the name of an entry', { keyed: { A: 1 } }, { field: '/keyed/A', rule: 'has a name that must be lower-case letters' }],
  ['a multiple', { step: 7 }, { field: '/step', rule: 'must be a multiple of 5' }],
])('no words of zod: %s', (_, given, field) => expect(fields({ name: 'x', ...given })).toMatchObject([field]));

test('a refusal says the first of them', () => {
  const said = (input: unknown) => shapeFailure('bad', 'The body is not right', fields(input));
  expect(said({ name: 1, kind: 'c' }).message).toBe('The body is not right: /name must be a string (and 1 more).');
  expect(said([])).toMatchObject({ kind: 'invalid', code: 'bad', message: 'The body is not right: it must be an object.', errors: [{ field: '' }] });
});
