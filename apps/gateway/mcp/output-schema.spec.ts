import { expect, test } from 'vitest';
import { inToolOutput, outputSchemaOf } from './output-schema.ts';

const output = (schema: object) => (outputSchemaOf({ ...schema })?.['properties'] as { output_json: object } | undefined)?.output_json ?? null;

test('a schema is listed as that of the output, whatever it is of', () => {
  expect(output({ type: 'array', items: { type: 'integer' } })).toEqual({ type: 'array', items: { type: 'integer' } });
  expect(output({ n: { type: 'number', required: true } })).toEqual({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] });
  expect(outputSchemaOf({ type: 'string' })).toMatchObject({ type: 'object', required: ['run_id', 'status'] });
});

test('of a tool it lies where the answer does', () => {
  const schema = { type: 'object', additionalProperties: false } as const;
  expect(outputSchemaOf(schema, inToolOutput({}))).toMatchObject({
    properties: { output_json: { properties: { response: { properties: { json: schema } } } } },
  });
  expect(outputSchemaOf(schema, inToolOutput({ transport: 'streamable_http' }))).toMatchObject({
    properties: { output_json: { properties: { structured: schema } } },
  });
});

test('formats and patterns are left out, properties of these names are not', () => {
  const properties = { format: { type: 'string', format: 'date-time' }, pattern: { type: 'string', pattern: '^(?i)a' } };
  expect(output({ type: 'object', properties })).toEqual({ type: 'object', properties: { format: { type: 'string' }, pattern: { type: 'string' } } });
});

test.each([
  ['nothing', {}],
  ['one that can not be checked', { type: 'nonsense' }],
  ['references', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } }],
  ['what an older dialect reads otherwise', { type: 'array', prefixItems: [{ type: 'string' }], items: false }],
  ['what turns around without a remark', { type: 'string', not: { format: 'date' } }],
  ['values that look like a schema', { enum: [{ format: 'a' }] }],
])('%s is not listed', (_, schema) => expect(output(schema)).toBeNull());
