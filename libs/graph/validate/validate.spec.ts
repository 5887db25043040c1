import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { arbitraryDag, drawn } from '../testing/arbitrary-graph.ts';
import type { NodeType } from './finding.ts';
import { validate, type ValidateOptions } from './validate.ts';

const types = new Map<string, NodeType>([
  ['start', { config: z.record(z.string(), z.unknown()) }],
  ['text', { config: z.strictObject({ template: z.string() }), check: () => [] }],
  ['code', { config: z.strictObject({ code: z.string() }) }],
  ['if-else', { config: z.strictObject({ expression: z.string() }), routes: () => ['true', 'false'] }],
  ['picky', { config: z.strictObject({}), check: () => [{ path: 'a.b', rule: 'is never right', remedy: 'Give up.' }] }],
]);
const node = (id: string, type = 'start', config: object = {}) => ({ id, type, config });
const checked = (document: unknown, options?: ValidateOptions) => validate(document, types, options);
const errorsOf = (document: unknown, options?: ValidateOptions) => checked(document, options).errors;

const SEE = 'Change it to what the JSON Schema of the document asks for.';

describe('shape', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['a node without an id', { nodes: [node('a'), { type: 'start' }], edges: [] }, '/nodes/1/id', /node number 2, field "id"/],
    ['a node without a type', { nodes: [{ id: 'a' }], edges: [] }, '/nodes/0/type', /node "a", field "type"/],
    ['an unknown field', { nodes: [{ ...node('a'), confg: {} }], edges: [] }, '/nodes/0/confg', /node "a", field "confg": is not known here/],
    ['an edge without a target', { nodes: [], edges: [{ source: 'a' }] }, '/edges/0/target', /edge a -> \?, field "target"/],
    ['another type of workflow', { type: 'spiral', nodes: [], edges: [] }, '/type', /field "type"/],
    ['no document', 7, '', /the document/],
  ])('%s', (_, document, field, rule) => {
    expect(checked(document)).toMatchObject({ valid: false, definition: null, errors: [{ field, rule: expect.stringMatching(rule) as string }] });
  });

  test.each<[string, object, string, string, string, string]>([
    ['a missing field', { nodes: [{ id: 'a' }] }, '/nodes/0/type', 'field-invalid', 'node "a", field "type": is required', 'Add it, as a string.'],
    ['a list that is text', { nodes: 'a' }, '/nodes', 'field-invalid', 'the document, field "nodes": must be a list', 'Send a list.'],
    ['a word of a few', { type: 'tree' }, '/type', 'field-invalid', 'the document, field "type": must be dag', 'Send dag.'],
    [
      'a limit',
      { nodes: [{ ...node('a'), timeout_seconds: 0 }] },
      '/nodes/0/timeout_seconds',
      'field-invalid',
      'node "a", field "timeout_seconds": must be more than 0',
      SEE,
    ],
    [
      'a limit of another',
      { edges: [{ source: 'a', target: 'b', mapping: { x: 1 } }] },
      '/edges/0/mapping/x',
      'field-invalid',
      'edge a -> b, field "mapping.x": must be a string',
      'Send a string.',
    ],
    ['no object', { nodes: [7] }, '/nodes/0', 'field-invalid', 'node number 1: must be an object', 'Send an object.'],
    ['an unknown field', { noeds: [] }, '/noeds', 'field-unknown', 'the document, field "noeds": is not known here', 'Remove it, or check its spelling.'],
  ])('in plain words: %s', (_, given, field, code, rule, remedy) => {
    const [finding, ...more] = errorsOf({ nodes: [], edges: [], ...given });
    expect(finding).toMatchObject({ field, code, rule, remedy });
    expect(more).toEqual([]);
  });

  test('each of two unknown fields has its own line', () =>
    expect(errorsOf({ nodes: [], edges: [], a: 1, b: 2 }).map(({ field }) => field)).toEqual(['/a', '/b']));

  test('what the schema of a config says is in plain words too', () => {
    const config = { code: 7, 'x/y': 1 };
    expect(errorsOf({ nodes: [node('a', 'code', config)], edges: [] })).toMatchObject([
      { field: '/nodes/0/config/code', rule: 'node "a" (code), config.code: must be a string', remedy: 'Send a string.' },
      { field: '/nodes/0/config/x~1y', rule: 'node "a" (code), config.x/y: is not known here', remedy: 'Remove it, or check its spelling.' },
    ]);
  });

  test('fills in the defaults', () => {
    expect(checked({ nodes: [{ id: 'a', type: 'start' }], edges: [] }).definition).toEqual({
      dsl_version: '1',
      type: 'dag',
      nodes: [{ id: 'a', type: 'start', config: {} }],
      edges: [],
    });
  });
});

describe('nodes and edges', () => {
  test.each<[string, unknown, object]>([
    ['duplicate ids', { nodes: [node('a'), node('a')], edges: [] }, { code: 'node-id-duplicate', node_id: 'a', field: '/nodes/1/id' }],
    ['a prototype word as id', { nodes: [node('constructor')], edges: [] }, { code: 'node-id-reserved', node_id: 'constructor' }],
    [
      'an edge to nowhere',
      { nodes: [node('a')], edges: [{ source: 'a', target: 'b' }] },
      { code: 'edge-node-unknown', edge: 'a -> b', field: '/edges/0/target' },
    ],
    ['a self edge', { nodes: [node('a')], edges: [{ source: 'a', target: 'a' }] }, { code: 'edge-self', edge: 'a -> a' }],
    [
      'a mapping that is no path',
      { nodes: [node('a'), node('b')], edges: [{ source: 'a', target: 'b', mapping: { x: 'output..y' } }] },
      { code: 'edge-mapping', edge: 'a -> b' },
    ],
    ['an unknown type', { nodes: [node('a', 'nope')], edges: [] }, { code: 'node-type-unknown', node_id: 'a' }],
    [
      'a missing field of the config',
      { nodes: [node('a', 'if-else')], edges: [] },
      { code: 'config-invalid', node_id: 'a', field: '/nodes/0/config/expression' },
    ],
    ['what the type itself checks', { nodes: [node('a', 'picky')], edges: [] }, { code: 'config-invalid', field: '/nodes/0/config/a/b', remedy: 'Give up.' }],
    [
      'a broken template',
      { nodes: [node('a', 'start', { deep: [{ text: '{{ oops' }] })], edges: [] },
      { code: 'template-syntax', node_id: 'a', field: '/nodes/0/config/deep/0/text' },
    ],
    [
      'a broken expression',
      { nodes: [node('a', 'if-else', { expression: '1 +' })], edges: [] },
      { code: 'expression-syntax', node_id: 'a', field: '/nodes/0/config/expression' },
    ],
    [
      'a template that reads a node that is not there',
      { nodes: [node('a', 'text', { template: '{{ nodes.ghost.text }}' })], edges: [] },
      { code: 'reference-unknown', node_id: 'a', rule: expect.stringContaining('"ghost"') },
    ],
    [
      'an expression that reads a node that is not there',
      { nodes: [node('a', 'if-else', { expression: 'nodes.gh-ost.output.x > 1' })], edges: [] },
      { code: 'reference-unknown', rule: expect.stringContaining('"gh-ost"') },
    ],
  ])('%s is one error', (_, document, error) => {
    const { valid, errors } = checked(document);
    expect(errors).toMatchObject([error]);
    expect(valid).toBe(false);
  });

  test('an unknown type is a warning in lenient mode', () => {
    expect(checked({ nodes: [node('a', 'nope')], edges: [] }, { strict: false })).toMatchObject({ valid: true, warnings: [{ code: 'node-type-unknown' }] });
  });

  test('an empty document may be saved but not published', () => {
    expect(errorsOf(drawn(0))).toEqual([]);
    expect(errorsOf(drawn(0), { allowEmpty: false })).toMatchObject([{ code: 'nodes-empty' }]);
  });

  test('braces in source code are the code’s own', () => {
    expect(errorsOf({ nodes: [node('a', 'code', { code: 'const a = {{' })], edges: [] })).toEqual([]);
  });

  test('warnings: routes never taken, names never filled, nodes that do not come before, repeated edges', () => {
    const document = {
      nodes: [
        node('check', 'if-else', { expression: 'state.x == 1' }),
        node('a', 'text', { template: '{{ nodes.b.text }}{{ nodes.check.output }}{{ query }}' }),
        node('b'),
      ],
      edges: [
        { source: 'check', target: 'a', condition: 'maybe' },
        { source: 'a', target: 'b' },
        { source: 'a', target: 'b' },
      ],
    };
    const { valid, warnings } = checked(document);
    expect(valid).toBe(true);
    expect(warnings.map(({ code }) => code).toSorted()).toEqual(['edge-condition-never', 'edge-duplicate', 'reference-not-upstream', 'template-name-unknown']);
  });
});

describe('cycles', () => {
  test('names the nodes of the cycle, and not those before or behind it', () => {
    expect(errorsOf(drawn(2, '0>1', '1>0'))).toMatchObject([{ code: 'cycle', node_ids: ['n0', 'n1'] }]);
    expect(errorsOf(drawn(6, '0>1', '1>2', '2>3', '3>1', '3>4', '4>5'))).toMatchObject([{ code: 'cycle', node_ids: ['n1', 'n2', 'n3'] }]);
  });

  test('reports several', () => {
    expect(errorsOf(drawn(5, '0>1', '1>0', '2>3', '3>2', '3>4')).map((error) => error.node_ids)).toEqual([
      ['n0', 'n1'],
      ['n2', 'n3'],
    ]);
  });

  test('finds one exactly when there is one, and what it names is one', () => {
    fc.assert(
      fc.property(arbitraryDag, fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 3 }), (dag, more) => {
        const extra = more.filter(([a, b]) => a !== b && Math.max(a, b) < dag.nodes.length).map(([a, b]) => ({ source: `n${a}`, target: `n${b}` }));
        const edges = [...dag.edges, ...extra];
        const reaches = (from: string, to: string): boolean => {
          const seen = new Set([from]);
          for (const id of seen) for (const edge of edges) if (edge.source === id) seen.add(edge.target);
          return edges.some((edge) => edge.target === to && seen.has(edge.source));
        };
        const cyclic = dag.nodes.some(({ id }) => reaches(id, id));
        const cycles = errorsOf({ ...dag, edges }).filter((error) => error.code === 'cycle');
        expect(cycles.length > 0).toBe(cyclic);
        for (const { node_ids: ids = [] } of cycles) {
          ids.forEach((id, i) => expect(edges.some((edge) => edge.source === id && edge.target === ids[(i + 1) % ids.length])).toBe(true));
        }
      }),
    );
  });
});

test('any JSON gets an answer', () => {
  const words = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'start', 'text', 'if-else', '{{ nodes.a.x }}', '{{', 'state.x > 1');
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      words,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('id', 'type', 'config', 'nodes', 'edges', 'source', 'target', 'template', 'expression'), tie('any')),
    ),
  })).any;
  const loose = fc.record({
    nodes: fc.array(fc.oneof(value, fc.record({ id: words, type: words, config: value }))),
    edges: fc.array(fc.oneof(value, fc.record({ source: words, target: words }))),
  });
  fc.assert(
    fc.property(fc.oneof(value, loose), (document) => {
      const { valid, errors } = checked(document);
      expect(valid).toBe(errors.length === 0);
      for (const error of errors) expect([error.code, error.rule, error.remedy].every((text) => text !== '')).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the largest document is checked in time', () => {
  const nodes = Array.from({ length: 10_000 }, (_, i) => node(`n${i}`, 'text', { template: `{{ nodes.n${Math.max(0, i - 1)}.text }}` }));
  const edges = Array.from({ length: 50_000 }, (_, i) => ({ source: `n${i % 9_999}`, target: `n${Math.min(9_999, (i % 9_999) + 1 + Math.floor(i / 9_999))}` }));
  expect(checked({ nodes, edges }).valid).toBe(true);
});
