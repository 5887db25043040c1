import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contracts } from '@agent-platform/contracts/index';
import { type Contract, type JsonObject, Problem } from '@agent-platform/contracts/kit/index';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let headBefore: number;
beforeAll(async () => {
  platform = await startTestPlatform();
  headBefore = await platform.base.log.head();
});
afterAll(() => platform.close());

interface Case {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  /** What the refusal must name. */
  readonly field?: string;
  readonly status?: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Ids that are something else on NATS, in SQL, in a path or in a header. */
const BAD_IDS = [
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
];

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

function casesOf(contract: Contract): Case[] {
  return contract.routes.flatMap(({ method, path, command }) => {
    const of = command === undefined ? undefined : contract.commands[command];
    if (!of) return [];
    const name = `${method} ${path}`;
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
    const there = path.replaceAll(/\{\w+\}/g, 'nobody');
    const whole = Object.fromEntries(Object.entries(of.example ?? {}).filter(([field]) => !parameters.includes(field)));
    const schema = z.toJSONSchema(of.data, { io: 'input' }) as { properties?: Record<string, JsonObject>; required?: string[] };
    const send = (what: string, body: unknown, field?: string): Case => ({
      name: `${name}: ${what}`,
      method,
      path: there,
      headers: JSON_TYPE,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      status: 400,
      ...(field !== undefined && { field }),
    });
    const fields = Object.entries(schema.properties ?? {}).filter(([field]) => !parameters.includes(field));
    return [
      send('malformed JSON', '{"a": '),
      send('two values', '{} {}'),
      send('a list', '[]'),
      send('a text', '"x"'),
      send('a number', '7'),
      send('deep', `{"x":${'['.repeat(20_000)}`),
      send('a key twice', '{"a":1,"a":2}'),
      send('a prototype', '{"__proto__":{"admin":true}}'),
      send('NUL', { ...whole, description: 'a\u0000b' }),
      send('half a character', `{"name":"\\ud800"}`),
      send('a huge number', '{"at":123456789012345678901234567890}'),
      send('an unknown field', { ...whole, surprise: 1 }, '/surprise'),
      { name: `${name}: not UTF-8`, method, path: there, headers: JSON_TYPE, body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), status: 400 },
      { name: `${name}: 2 MB`, method, path: there, headers: JSON_TYPE, body: JSON.stringify({ x: 'x'.repeat(2_000_000) }), status: 413 },
      { name: `${name}: XML`, method, path: there, headers: { 'content-type': 'application/xml' }, body: '<a/>', status: 415 },
      { ...send('another workspace in the body', { ...whole, workspace_id: 'other' }, '/workspace_id'), headers: { ...JSON_TYPE, 'x-workspace-id': 'acme' } },
      ...['*', '>', 'a.b', 'A', 'a b', '../x', 'x'.repeat(41)].map((workspace) => ({
        ...send(`workspace ${workspace}`, whole),
        headers: { ...JSON_TYPE, 'x-workspace-id': workspace },
      })),
      ...fields.flatMap(([field, one]) => {
        const wrong = wrongFor(one);
        return wrong === undefined ? [] : [send(`${field} of another type`, { ...whole, [field]: wrong }, `/${field}`)];
      }),
      ...(schema.required ?? [])
        .filter((field) => !parameters.includes(field))
        .map((field) => send(`without ${field}`, { ...whole, [field]: undefined }, `/${field}`)),
      ...parameters.flatMap((parameter) =>
        BAD_IDS.map((id) => ({
          name: `${name}: ${parameter} ${JSON.stringify(id).slice(0, 30)}`,
          method,
          path: path.replaceAll(/\{(\w+)\}/g, (_all, each: string) => (each === parameter ? encodeURIComponent(id) : 'nobody')),
          headers: JSON_TYPE,
          body: JSON.stringify(whole),
        })),
      ),
      ...fields
        .filter(([field, one]) => field.endsWith('_id') && typeof one['pattern'] === 'string')
        .flatMap(([field]) => BAD_IDS.map((id) => send(`${field} ${JSON.stringify(id).slice(0, 30)}`, { ...whole, [field]: id }))),
    ];
  });
}

const tables = contracts.map((contract) => [contract.category, casesOf(contract)] as const).filter(([, cases]) => cases.length > 0);

describe.each(tables)('%s', (_category, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, { method, path, body, headers, field, status }) => {
    const answer = await fetch(`${platform.url}/api/v1${path}`, { method, ...(body !== undefined && { body }), headers: { ...headers } });
    const problem = Problem.parse(await answer.json());
    expect(answer.status, JSON.stringify(problem)).toBeLessThan(500);
    expect(answer.status, JSON.stringify(problem)).toBeGreaterThanOrEqual(400);
    if (status !== undefined) expect(answer.status, JSON.stringify(problem)).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(problem).toMatchObject({ status: answer.status, code: expect.stringMatching(/^[a-z0-9-]+$/), request_id: answer.headers.get('x-request-id') });
    if (field !== undefined)
      expect(problem.errors?.map((error) => error.field)).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^${field}(/|$)`))]));
  });
});

test('nothing of all that was appended, and the gateway still works', async () => {
  expect(await platform.base.log.sequence(1000)).toEqual([]);
  expect(await platform.base.log.head()).toBe(headBefore);
  expect((await fetch(`${platform.url}/ready`)).status).toBe(200);
});
