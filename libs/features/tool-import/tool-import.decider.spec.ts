import { readFileSync } from 'node:fs';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { createSecrets } from '@agent-platform/kernel/secrets';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { toolNode } from '@agent-platform/nodes/tool.node';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOpenApi } from './openapi.document.ts';
import { toolImportDecider } from './tool-import.decider.ts';
import type { FetchContext, Imported, RunImport, ToolImportEvent } from './tool-import.state.ts';

const { given } = specFor(toolImportDecider);
const SHOP = `
openapi: 3.0.3
info: { title: Shop, version: "1.2" }
servers: [{ url: "https://{region}.shop.example/v1", variables: { region: { default: eu } } }]
paths:
  /products/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string } }
    get:
      operationId: getProduct
      summary: One product
      parameters:
        - { name: fields, in: query, schema: { type: array, items: { type: string } } }
        - { name: "filter[price]", in: query, schema: { type: number, minimum: 0, exclusiveMinimum: true } }
        - { name: X-Trace, in: header, required: true, schema: { type: string, nullable: true } }
        - { name: session, in: cookie, schema: { type: string } }
    put:
      operationId: putProduct
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Product" } } } }
  /upload:
    post: { requestBody: { required: true, content: { multipart/form-data: { schema: { type: object } } } } }
  /remote:
    get: { parameters: [{ name: a, in: query, schema: { $ref: "https://evil.example/schema.json" } }] }
components:
  schemas:
    Product: { type: object, required: [name], properties: { name: { type: string, example: x }, parts: { type: array, items: { $ref: "#/components/schemas/Product" } } } }
`;
const run = (data: object) => ({ type: 'tool_import.run', data: { tool_import_id: 'it', ...data } }) as Pick<RunImport, 'type' | 'data'>;
const importedBy = (...commands: object[]) => {
  let state = toolImportDecider.initial;
  return commands.map((data) => {
    const meta = { command_id: 'c', workspace_id: 'acme', stream_id: 'shop', now: '2030-01-01T00:00:00.000Z', actor: 'a', correlation_id: 'c' };
    const decision = toolImportDecider.decide({ ...run(data), meta }, state);
    if ('rejected' in decision) throw new Error(decision.message);
    state = decision.reduce(toolImportDecider.evolve, state);
    return decision[0]?.data as Imported | undefined;
  });
};

test('operations become tools; what can’t is named with its reason', () => {
  const [imported] = importedBy({ document_text: SHOP });
  expect(imported).toMatchObject({ title: 'Shop', document_version: '1.2', number: 1, unchanged: 0, removed: [] });
  expect(imported?.tools).toMatchObject([
    {
      code: 'shop.getProduct',
      name: 'getProduct',
      description: 'One product',
      is_new: true,
      input_schema_json: {
        type: 'object',
        properties: {
          id: { type: 'string', not: { enum: ['', '.', '..'] } },
          fields: { type: 'array', items: { type: 'string' } },
          filter_price: { type: 'number', exclusiveMinimum: 0 },
          'X-Trace': { type: ['string', 'null'] },
        },
        required: ['id', 'X-Trace'],
      },
      invoke_config_json: {
        method: 'GET',
        base_url: 'https://eu.shop.example/v1',
        path: '/products/{{ input.id | urlencode }}',
        query: { fields: '{{ input.fields }}', 'filter[price]': '{{ input.filter_price }}' },
        headers: { 'X-Trace': '{{ input.X-Trace }}' },
      },
    },
    {
      code: 'shop.putProduct',
      // Where a schema refers to itself, anything goes.
      input_schema_json: {
        properties: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, parts: { items: {} } } } },
        required: ['id', 'body'],
      },
      invoke_config_json: { method: 'PUT', body: '{{ input.body }}' },
    },
  ]);
  expect(imported?.skipped).toEqual([
    { operation: 'POST /upload', reason: expect.stringContaining('multipart/form-data') as string },
    { operation: 'GET /remote', reason: expect.stringContaining('outside of the document') as string },
  ]);
});

test('again, only what changed is a new version', () => {
  const changed = SHOP.replace('minimum: 0', 'minimum: 1');
  const [, same, second, back] = importedBy({ document_text: SHOP }, { document_text: SHOP }, { document_text: changed }, { document_text: SHOP });
  expect(same).toBeUndefined();
  expect(second).toMatchObject({ number: 2, unchanged: 1, tools: [{ code: 'shop.getProduct', is_new: false }] });
  expect(back).toMatchObject({ number: 3, unchanged: 1, tools: [{ code: 'shop.getProduct', is_new: false }] });
  expect(back?.tools[0]?.tool_version_id).not.toBe(second?.tools[0]?.tool_version_id);
  const [, fewer] = importedBy({ document_text: SHOP }, { document_text: SHOP.replace('    put:', '    x-put:') });
  expect(fewer).toMatchObject({ tools: [], unchanged: 1, removed: ['shop.putProduct'] });
});

describe('a document by its address', () => {
  const url = 'https://docs.example/openapi.yaml';
  const context: FetchContext = { node: toolNode, secrets: createSecrets([new Uint8Array(32)]), secretOf: async () => null };
  const asked = run({ document_url: url, document_headers: { authorization: 'Bearer {{ secrets.docs }}' }, base_url: 'https://a.test' });
  const requested: ToolImportEvent = {
    type: 'tool_import.requested',
    data: { document_url: url, document_headers: { authorization: 'Bearer {{ secrets.docs }}' }, base_url: 'https://a.test' },
  };
  const started: ToolImportEvent = { type: 'tool_import.fetch_started', data: { fetch: 1, key: 'acme/tool_import/it/1', request: { url } } };
  const record = (outcome: object, fetch = 1) => ({ type: 'tool_import.record', data: { fetch, outcome } }) as never;
  const answered = (text: string, response: object = { status: 200 }) => record({ status: 'completed', output_json: { response }, output_text: text });

  test('is asked for once, with its secrets as references', () => {
    given().when(asked).then(requested);
    given(requested).when(asked).then();
    given(requested, started).when(asked).then();
    const { decision } = given(requested).when({ type: 'tool_import.advance', data: { context } });
    expect(decision).toMatchObject([
      { type: 'tool_import.fetch_started', data: { fetch: 1, request: { method: 'GET', url, headers: { authorization: 'Bearer *secrets.docs*' } } } },
    ]);
  });
  test('becomes tools when it is there', () => {
    expect(given(requested, started).when(answered(SHOP)).decision).toMatchObject([
      {
        type: 'tool_import.imported',
        data: { number: 1, fetch: 1, tools: [{ code: 'it.getProduct', invoke_config_json: { base_url: 'https://a.test' } }, {}] },
      },
    ]);
    given(requested, started).when(record({}, 7)).then();
  });
  test.each([
    ['an error of the server', record({ status: 'failed', error: { code: 'http-status', message: 'no', retryable: false } }), 'http-status'],
    ['no document', answered('<html>'), 'openapi-invalid'],
    ['a cut one', answered('{', { status: 200, truncated: true }), 'document-too-large'],
  ])('%s fails visibly', (_name, command, code) => {
    expect(given(requested, started).when(command).decision).toMatchObject([{ type: 'tool_import.fetch_failed', data: { fetch: 1, error: { code } } }]);
  });
  test('is fetched again after a crash, but not for ever', () => {
    const recover = { type: 'tool_import.recover', data: {} } as never;
    expect(given(requested, started).when(recover).decision).toMatchObject([{ type: 'tool_import.fetch_started', data: { fetch: 1, recovered: 1 } }]);
    const often: ToolImportEvent = { ...started, data: { ...started.data, recovered: 5 } as never };
    expect(given(requested, often).when(recover).decision).toMatchObject([{ type: 'tool_import.fetch_failed', data: { error: { code: 'import-given-up' } } }]);
  });
});

test('a form is sent as a form', () => {
  const body = { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties: { q: { type: 'string' } } } } } };
  const document = { openapi: '3.0.1', servers: [{ url: 'https://a.test' }], paths: { '/search': { post: { operationId: 'search', requestBody: body } } } };
  const [imported] = importedBy({ document });
  expect(imported?.tools).toMatchObject([
    { invoke_config_json: { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '{{ input.body }}' } },
  ]);
});

test.each([
  ['YAML', 'openapi: 3.1.0\npaths: [', /line 2, column \d+/],
  ['JSON', '{\n  "openapi": "3.1.0",\n  "paths": {,}\n}', /line 3, column 13/],
  ['a key twice', '{\n  "openapi": "3.1.0",\n  "openapi": "3.1.0"\n}', /line 3/],
  ['a version that is none', 'info: {}\nopenapi: 4.0.0\n', /openapi \(line 2\)/],
  ['paths that are none', '{\n  "openapi": "3.1.0",\n  "paths": 7\n}', /paths \(line 3\)/],
])('%s is refused with the line', (_name, document_text, message) => {
  expect(given().when(run({ document_text })).decision).toMatchObject({ code: 'openapi-invalid', message: expect.stringMatching(message) as string });
});

test('headers and another address are part of every tool', () => {
  const headers = { authorization: 'Bearer {{ secrets.shop }}' };
  const [imported] = importedBy({ document_text: SHOP, headers, base_url: 'https://test.example', operations: ['putProduct'] });
  expect(imported?.tools).toMatchObject([{ invoke_config_json: { base_url: 'https://test.example', headers } }]);
});

describe('what can’t be read is refused with a remedy', () => {
  const document = { openapi: '3.1.0', paths: {}, servers: [{ url: 'https://a.test' }] };
  test.each([
    ['version 2', { document: { swagger: '2.0' } }],
    ['no version', { document: {} }],
    ['no paths', { document: { ...document, paths: null } }],
    ['no server', { document: { ...document, servers: [{ url: '/api' }] } }],
    ['no document', { document_text: 'a: [' }],
    ['a list', { document_text: '- a' }],
    ['aliases of YAML', { document_text: 'a: &x [1]\nb: *x' }],
    ['too many operations', { document: { ...document, paths: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`/${n}`, { get: {} }])) } }],
  ])('%s', (_, data) => given().when(run(data)).thenRejected('openapi-invalid'));
});

describe('hostile documents end as skipped operations', () => {
  const schemas: JsonObject = { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } };
  const wide = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`S${n}`, { allOf: Array.from({ length: 5 }, () => ({ $ref: `#/components/schemas/S${n + 1}` })) }]),
  );
  const read = (parameters: readonly JsonObject[], path = '/a') =>
    readOpenApi({
      openapi: '3.1.0',
      servers: [{ url: 'https://a.test' }],
      paths: { [path]: { get: { parameters: [...parameters] } } },
      components: { schemas: { ...schemas, ...wide } },
    });
  test.each([
    ['exponential references', [{ name: 'a', in: 'query', schema: { $ref: '#/components/schemas/S0' } }]],
    ['a circle of parameters', [{ $ref: '#/paths/~1a/get/parameters/0' }]],
    ['nowhere', [{ name: 'a', in: 'query', schema: { $ref: '#/nowhere' } }]],
    ['a file', [{ $ref: 'file:///etc/passwd' }]],
    ['a required cookie', [{ name: 'a', in: 'cookie', required: true }]],
  ])('%s', (_, parameters) => expect(read(parameters)).toMatchObject({ tools: [], skipped: [{ operation: 'GET /a' }] }));
  test('a path without its parameter', () => expect(read([], '/{id}')).toMatchObject({ tools: [], skipped: [{ operation: 'GET /{id}' }] }));
  test('what lies deeper than input checks go is anything', () => {
    let schema: JsonObject = { type: 'string' };
    for (let depth = 0; depth < 40; depth++) schema = { type: 'object', properties: { a: schema } };
    const found = read([{ name: 'a', in: 'query', schema: { anyOf: [schema] } }]);
    if ('problem' in found) throw new Error(found.problem.rule);
    expect(compileInputSchema(found.tools[0]?.input_schema_json ?? {})).not.toHaveProperty('error');
  });
  test('a circle of schemas is anything', () => {
    expect(read([{ name: 'a', in: 'query', schema: { $ref: '#/components/schemas/A' } }])).toMatchObject({
      tools: [{ input_schema_json: { properties: { a: {} } } }],
    });
  });
  test('names that reach a prototype are names', () => {
    expect(
      read([
        { name: 'constructor', in: 'query' },
        { name: '__proto__', in: 'query' },
      ]),
    ).toMatchObject({ tools: [{}], skipped: [] });
  });
});

test('a large document that nobody wrote for this: the platform’s own', () => {
  const document = JSON.parse(readFileSync(new URL('../../../contracts/generated/openapi.json', import.meta.url), 'utf8')) as JsonObject;
  const read = readOpenApi(document, { base_url: 'http://127.0.0.1:8000' });
  if ('problem' in read) throw new Error(read.problem.rule);
  expect(read.tools.length).toBeGreaterThan(60);
  const broken = read.tools.filter(({ input_schema_json }) => 'error' in compileInputSchema(input_schema_json));
  expect(broken.length / read.tools.length).toBeLessThan(0.1);
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(
    toolImportDecider,
    fc.constantFrom(
      run({ document_text: SHOP }),
      run({ document_text: SHOP.replace('minimum: 0', 'minimum: 1') }),
      run({ document_text: SHOP, base_url: 'https://b.test' }),
    ),
  );
});
