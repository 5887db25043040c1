import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from './document-json.ts';
import { canonicalJson, contentHash, jsonSchema, parseDocument, type ParsedDocument } from './document.ts';
import { arbitraryDag } from './testing/arbitrary-graph.ts';

const YAML = `# a comment
nodes:
  - id: check-score
    type: if-else
    config:
      expression: state.score >= 5
  - {id: high-path, type: template-transform, config: {template: "{{state.user_name}} passed"}, retry: {max_attempts: 3}}
edges:
  - source: check-score
    target: high-path
    condition: "true"
`;
const JSON_TEXT = `{"edges":[{"condition":"true","target":"high-path","source":"check-score"}],
 "nodes":[{"type":"if-else","id":"check-score","config":{"expression":"state.score >= 5"}},
	{"id":"high-path","retry":{"max_attempts":3},"type":"template-transform","config":{"template":"{{state.user_name}} passed"}}]}`;

const definitionOf = (parsed: ParsedDocument) => {
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  return parsed.definition;
};
const errorOf = (parsed: ParsedDocument) => ('errors' in parsed ? parsed.errors[0] : undefined);

describe('spellings', () => {
  test('YAML, JSON and a value give the same bytes and the same hash', () => {
    const all = [
      parseDocument(YAML),
      parseDocument(YAML, 'yaml'),
      parseDocument(JSON_TEXT),
      parseDocument(JSON_TEXT, 'json'),
      parseDocument(JSON.parse(JSON_TEXT)),
      parseDocument(`\uFEFF${YAML.replaceAll('\n', '\r\n')}`),
    ].map(definitionOf);
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(new Set(all.map(contentHash)).size).toBe(1);
    expect(contentHash(all[0] ?? definitionOf(parseDocument('')))).toMatch(/^[0-9a-f]{64}$/);
    expect(all[0]?.nodes[1]?.retry).toEqual({ max_attempts: 3, delay_ms: 1000, factor: 2, max_delay_ms: 60_000 });
  });

  test('keeps the document as it was written beside the normalized one', () => {
    expect(parseDocument('{nodes: [], edges: []}')).toMatchObject({ document: { nodes: [], edges: [] }, definition: { type: 'dag' } });
  });

  test('normalizing is stable, and another document has another hash', () => {
    fc.assert(
      fc.property(arbitraryDag, (dag) => {
        const definition = definitionOf(parseDocument(dag));
        const again = definitionOf(parseDocument(canonicalJson(definition)));
        expect(JSON.stringify(again)).toBe(JSON.stringify(definition));
        expect(contentHash({ ...definition, nodes: [...definition.nodes, { id: 'more', type: 'start', config: {} }] })).not.toBe(contentHash(definition));
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is refused, and where', () => {
  test.each<[string, string, number, number, RegExp]>([
    ['a bad indentation', 'nodes:\n  - id: a\n type: b\n', 3, 2, /YAML/],
    ['a duplicate key', 'nodes: []\nedges: []\nnodes: []\n', 3, 1, /duplicated/],
    ['an anchor', 'nodes: &n []\nedges: []\n', 1, 9, /Anchors/],
    ['an alias', 'nodes: []\nedges: *n\n', 2, 9, /Anchors/],
    ['a tag', 'nodes: []\nedges: !!js/function "x"\n', 2, 8, /Tags/],
    ['a merge key', 'nodes: []\nedges:\n  <<: {x: 1}\n', 3, 3, /Merge/],
    ['two documents', 'nodes: []\n---\nnodes: []\n', 1, 1, /2 documents/],
    ['no document', '', 1, 1, /0 documents/],
    ['deep nesting', `nodes: ${'['.repeat(3000)}`, 1, 71, /maxDepth/],
    ['deep JSON', `{"nodes": ${'['.repeat(3000)}`, 1, 74, /deep/],
    ['a duplicate JSON key', '{"nodes":[],\n "n\\u006fdes":[]}', 2, 2, /twice/],
    ['broken JSON', '{"nodes": [},\n "edges": []}', 1, 12, /JSON/],
    ['a megabyte', `nodes: "${'x'.repeat(1_000_000)}"`, 1, 1, /limit/],
  ])('%s', (_, text, line, column, rule) => {
    expect(errorOf(parseDocument(text))).toMatchObject({ code: 'document-unreadable', line, column, rule: expect.stringMatching(rule) as string });
  });

  test.each<[string, unknown]>([
    ['a deep value', JSON.parse('['.repeat(1000) + ']'.repeat(1000))],
    ['a prototype key', JSON.parse('{"nodes":[{"id":"a","type":"b","config":{"__proto__":{"x":1}}}],"edges":[]}')],
    ['a prototype key in YAML', 'nodes: []\nedges: []\n__proto__: {x: 1}\n'],
    ['no number', 'nodes: []\nedges: []\nx: .inf\n'],
  ])('%s', (_, source) => expect(errorOf(parseDocument(source))).toMatchObject({ code: 'document-refused' }));

  test('a wrong shape names node and field', () => {
    expect(errorOf(parseDocument('nodes:\n  - {id: a}\nedges: []\n'))).toMatchObject({ node_id: 'a', field: '/nodes/0/type' });
  });

  test('dates, yes and merge signs in quotes stay text', () => {
    const { nodes } = definitionOf(parseDocument('nodes: [{id: a, type: t, config: {a: 2001-01-01, b: yes, c: "<<", d: 0o17, e: ~}}]\nedges: []'));
    expect(nodes[0]?.config).toEqual({ a: '2001-01-01', b: 'yes', c: '<<', d: 15, e: null });
  });

  test.each([
    ['many keys', Array.from({ length: 40_000 }, (_, i) => `k${i}: ${i}`).join('\n')],
    ['many items', 'a:\n' + '- a\n'.repeat(200_000)],
    ['many colons', 'a: '.repeat(200_000)],
    ['many dashes', '- '.repeat(200_000)],
    ['an open text of escapes', `{"${'\\"'.repeat(400_000)}`],
    ['an open text that ends in a backslash', `{"${'\\"'.repeat(400_000)}\\`],
    ['many open texts', `{${'"'.repeat(800_001)}`],
    ['many braces', '{'.repeat(900_000)],
    ['comments', '#x\n'.repeat(300_000)],
    [
      'an alias bomb',
      'a: &a [x,x,x]\n' +
        Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n'),
    ],
  ])('hostile text is refused in time: %s', (_, text) => {
    expect('errors' in parseDocument(text)).toBe(true);
  });
});

test('the JSON scan agrees with JSON.parse', () => {
  const noise = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '"', '1', '-', '0', '.5', 'e1', 'true', 'null', ' ', '\n', '\\', '\\u0061', '\t', "'"),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        noise,
        fc.json(),
        fc.tuple(fc.json(), noise).map(([a, b]) => a + b),
      ),
      (text) => {
        const accepted = (() => {
          try {
            return JSON.stringify(JSON.parse(text));
          } catch {
            return null;
          }
        })();
        const read = readJson(text);
        if ('value' in read) expect(JSON.stringify(read.value)).toBe(accepted);
        else if (!/twice|deep/.test(read.problem.message)) expect(accepted).toBe(null);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the JSON Schema agrees with the parser', () => {
  const accepts = new Ajv2020({ strict: false, logger: false }).compile(jsonSchema());
  expect(accepts(JSON.parse(JSON_TEXT))).toBe(true);
  expect(accepts({ nodes: [{ id: 'a', type: 'b' }], edges: [] })).toBe(true);
  for (const bad of [
    { nodes: [] },
    { nodes: [{ id: 'a' }], edges: [] },
    { nodes: [{ id: 'a', type: 'b', confg: {} }], edges: [] },
    { nodes: [], edges: [], type: 'spiral' },
  ]) {
    expect(accepts(bad)).toBe(false);
    expect('errors' in parseDocument(bad)).toBe(true);
  }
});
