import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { contracts } from '@agent-platform/contracts/index';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { createDocuments } from './documents.ts';
import { publicCommands } from './asyncapi-messages.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly ({ readonly name: string; readonly in: string } & { readonly $ref?: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json; readonly example?: Json }>> };
  readonly responses: Readonly<Record<string, Json>>;
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const documents = createDocuments();
const read = (path: string): unknown => JSON.parse(documents.get(path) ?? 'null');
const openapi = read('contracts/generated/openapi.json') as OpenApi;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => METHODS.includes(method))
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

/** Every `$ref` of a document that leads nowhere. */
function broken(document: Json): string[] {
  const follow = (ref: string): Json | undefined =>
    ref
      .slice(2)
      .split('/')
      .reduce<Json | undefined>(
        (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, Json>)[step.replaceAll('~1', '/')] : undefined),
        document,
      );
  const refs: string[] = [];
  const walk = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string' && (!item.startsWith('#/') || follow(item) === undefined)) refs.push(item);
      walk(item);
    }
  };
  walk(document);
  return refs;
}

/** A schema of the document with everything it can refer to, compiled. */
function compile(schema: Json) {
  const text = JSON.stringify({ $ref: '#/$defs/root', $defs: { ...openapi.components.schemas, root: schema } }).replaceAll('#/components/schemas/', '#/$defs/');
  return new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(text) as object);
}

test('what is committed is what the code says', () => {
  for (const [path, text] of documents) expect(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'), path).toBe(text);
});

describe('openapi', () => {
  test('has every route, and no other', () => {
    const promised = [...contracts.flatMap(({ routes }) => routes), ...Object.values(gatewayRoutes)].map(({ method, path }) => `${method} ${path}`);
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(promised.toSorted());
  });

  test('names every operation once', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names).toHaveLength(new Set(names).size);
  });

  test('refers only to what is there', () => expect(broken(openapi as unknown as Json)).toEqual([]));

  test.each(operations.map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s declares its path parameters, an answer and its problems',
    (_name, { path, operation }) => {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath.toSorted()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted());
      expect(Object.keys(operation.responses).some((status) => status === '101' || status.startsWith('2'))).toBe(true);
      expect(Object.keys(operation.responses).some((status) => /^[45]/.test(status))).toBe(true);
    },
  );

  test.each(
    operations.flatMap(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {})
        .filter(({ example }) => example !== undefined)
        .map((body) => [operation.operationId, body] as const),
    ),
  )('the example of %s is what its schema asks for', (_name, { schema, example }) => {
    const validate = compile(schema);
    expect(validate(example) || validate.errors).toBe(true);
  });

  test('every schema is a JSON Schema', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const [name, schema] of Object.entries(openapi.components.schemas)) expect(ajv.validateSchema(schema as object), name).toBe(true);
  });
});

describe('asyncapi', () => {
  const text = documents.get('contracts/generated/asyncapi.json') ?? '';

  test('is valid by the parser of the standard', async () => {
    const { document, diagnostics } = await new Parser().parse(text);
    expect(diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.version()).toBe('3.1.0');
  }, 60_000);

  test('has a request with a reply, and a queue, for each public command, and a channel for each event', () => {
    const { operations: all, channels } = JSON.parse(text) as {
      operations: Record<string, { reply?: unknown }>;
      channels: Record<string, { address: string }>;
    };
    for (const contract of contracts) {
      for (const [type] of publicCommands(contract)) {
        expect(all[`cmd.${type}`]?.reply, type).toBeDefined();
        expect(channels[`cmdq.${type}`]?.address).toBe(`cmdq.{workspace_id}.${type}`);
      }
      for (const type of Object.keys(contract.events))
        expect(channels[`evt.${type}`]?.address).toBe(`evt.{workspace_id}.${contract.category}.{stream_id}.${type}`);
    }
  });

  test('refers only to what is there', () => expect(broken(JSON.parse(text) as Json)).toEqual([]));
});

test('every JSON Schema compiles and takes what the platform takes', () => {
  for (const path of documents.keys()) if (path.endsWith('.schema.json')) new Ajv2020({ strict: false, validateFormats: false }).compile(read(path) as object);
  const workflow = new Ajv2020({ strict: false }).compile(read('contracts/generated/workflow.schema.json') as object);
  expect(workflow({ nodes: [{ id: 'a', type: 'start' }], edges: [] })).toBe(true);
  expect(workflow({ nodes: [{ id: 'a' }], edges: [] })).toBe(false);
});
