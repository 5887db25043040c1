import { z } from 'zod';
import type { CommandContract, JsonObject } from '@agent-platform/contracts/kit/index';

/** Ids that are something else on NATS, in SQL, in a path or in a header. */
export const BAD_IDS = [
  'a.b',
  '*',
  '>',
  'a>b',
  '$SYS',
  'a b',
  'a\tb',
  'a\r\nPUB x',
  'a\u0000b',
  '..',
  'a/b',
  '%',
  "'; drop table x; --",
  '\u202e',
  'ü',
  '-a',
  'x'.repeat(65),
  'x'.repeat(190),
] as const;

/** A body that must be refused, and the field that the refusal must name. */
export interface BadBody {
  readonly what: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly field?: string;
}

const wrongFor = (schema: JsonObject): unknown => {
  switch (schema['type']) {
    case 'string':
      return { not: 'a text' };
    case 'object':
    case 'array':
      return 'a text';
    case 'boolean':
    case 'integer':
    case 'number':
      return 'perhaps';
    default:
      // Anything goes, or a choice: nothing of which is a list of nulls.
      return schema['anyOf'] === undefined ? undefined : [null];
  }
};

/** The example of a command without some of its fields, e.g. those that a path carries. */
export const exampleOf = ({ example }: CommandContract, without: readonly string[] = []): JsonObject =>
  Object.fromEntries(Object.entries(example ?? {}).filter(([field]) => !without.includes(field)));

/** Every way to get the body of a command wrong that its schema makes us think of. `without`: fields that are not in the body. */
export function badBodies(of: CommandContract, without: readonly string[] = []): BadBody[] {
  const whole = exampleOf(of, without);
  const schema = z.toJSONSchema(of.data, { io: 'input' }) as { properties?: Record<string, JsonObject>; required?: string[] };
  const bad = (what: string, body: unknown, field?: string): BadBody => ({
    what,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(field !== undefined && { field }),
  });
  const fields = Object.entries(schema.properties ?? {}).filter(([field]) => !without.includes(field));
  return [
    bad('malformed JSON', '{"a": '),
    bad('two values', '{} {}'),
    bad('a list', '[]'),
    bad('a text', '"x"'),
    bad('a number', '7'),
    bad('deep', `{"x":${'['.repeat(20_000)}`),
    bad('a key twice', '{"a":1,"a":2}'),
    bad('a prototype', '{"__proto__":{"admin":true}}'),
    bad('NUL', { ...whole, description: 'a\u0000b' }),
    bad('half a character', `{"name":"\\ud800"}`),
    bad('a huge number', '{"at":123456789012345678901234567890}'),
    bad('an unknown field', { ...whole, surprise: 1 }, '/surprise'),
    { what: 'not UTF-8', body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    ...fields.flatMap(([field, one]) => {
      const wrong = wrongFor(one);
      return wrong === undefined ? [] : [bad(`${field} of another type`, { ...whole, [field]: wrong }, `/${field}`)];
    }),
    ...(schema.required ?? [])
      .filter((field) => !without.includes(field))
      .map((field) => bad(`without ${field}`, { ...whole, [field]: undefined }, `/${field}`)),
    ...fields
      .filter(([field, one]) => field.endsWith('_id') && typeof one['pattern'] === 'string')
      .flatMap(([field]) => BAD_IDS.map((id) => bad(`${field} ${JSON.stringify(id).slice(0, 30)}`, { ...whole, [field]: id }))),
  ];
}
