import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parametersOf } from './parameters.ts';

const Schema = z.object({ id: z.string(), limit: z.coerce.number().int().default(50) });
const of = (query: object, params: object = { id: 'a' }) => parametersOf(Schema, { query, params } as unknown as FastifyRequest);
const refusal = (query: object) => {
  try {
    return of(query);
  } catch (error) {
    return (error as { errors?: unknown }).errors;
  }
};

test('path and query are read together, the path wins', () => {
  expect(of({ limit: '7' })).toEqual({ id: 'a', limit: 7 });
  expect(of({ id: 'b' })).toEqual({ id: 'a', limit: 50 });
});

test('what nobody knows, NUL, halves of characters and doubled parameters are refused by name', () => {
  expect(refusal({ limt: '7' })).toEqual([{ field: '/limt', rule: 'is not a parameter here', remedy: 'known are id, limit' }]);
  expect(refusal({ limit: '1\u0000' })).toMatchObject([{ field: '/limit' }]);
  expect(refusal({ limit: '\ud800' })).toMatchObject([{ field: '/limit' }]);
  expect(refusal({ limit: ['1', 'x'] })).toMatchObject([{ field: '/limit' }]);
});
