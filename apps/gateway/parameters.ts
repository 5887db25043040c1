import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { schemaFields, shapeFailure } from '@agent-platform/kernel/schema-fields';

/**
 * Path and query parameters as a schema promises them. A parameter that nobody knows is refused: a filter with a
 * misspelt name would silently filter nothing. Throws Failure('invalid', 'bad-parameters').
 */
export function parametersOf<T extends z.ZodType>(schema: T, request: FastifyRequest): z.output<T> {
  const given: Record<string, unknown> = { ...(request.query as object), ...(request.params as object) };
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : null;
  const errors = Object.entries(given).flatMap(([name, value]) => {
    if (known && !known.includes(name)) return [{ field: `/${name}`, rule: 'is not a parameter here', remedy: `known are ${known.join(', ')}` }];
    return isText(value) ? [] : [{ field: `/${name}`, rule: 'must be text without the character NUL', remedy: 'send whole Unicode characters' }];
  });
  if (errors.length > 0) throw shapeFailure('bad-parameters', 'The parameters are not right', errors);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw shapeFailure('bad-parameters', 'The parameters are not right', schemaFields(parsed.error));
}

/** A body as a schema promises it. Throws Failure('invalid', 'invalid-body'). */
export function bodyAs<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw shapeFailure('invalid-body', 'The body is not right', schemaFields(parsed.error));
}

/** Postgres stores neither NUL nor halves of surrogate pairs. Not a text: left to the schema. */
const isText = (value: unknown): boolean => typeof value !== 'string' || (!value.includes('\u0000') && value.isWellFormed());

/** `/runs/{run_id}` of a contract as Fastify writes it. */
export const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
