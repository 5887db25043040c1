import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaFields } from './schema-fields.ts';

const Input = z.strictObject({ name: z.string().max(3), kind: z.enum(['a', 'b']).optional(), at: z.object({ 'x/y': z.int() }).optional() });
const fields = (input: unknown) => schemaFields(Input.safeParse(input).error ?? new z.ZodError([]));

test('an unknown field is named itself', () => {
  expect(fields({ name: 'x', nmae: 1 })).toEqual([{ field: '/nmae', rule: 'is not known here', remedy: 'remove it, or check its spelling' }]);
});

test('a missing field is told from one of another type', () => {
  expect(fields({})).toEqual([{ field: '/name', rule: 'is required', remedy: 'add it, as string' }]);
  expect(fields({ name: 1 })).toEqual([{ field: '/name', rule: 'must be string', remedy: 'send string' }]);
});

test('the place is a JSON pointer; choices are listed', () => {
  expect(fields({ name: 'x', at: { 'x/y': 'no' } })).toEqual([{ field: '/at/x~1y', rule: 'must be number', remedy: 'send number' }]);
  expect(fields({ name: 'x', kind: 'c' })[0]).toMatchObject({ field: '/kind', remedy: 'send one of a, b' });
});
