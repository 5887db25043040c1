import { expect, test } from 'vitest';
import { toolImportDecider } from './tool-import.decider.ts';
import type { Imported, RunImport } from './tool-import.state.ts';

const meta = { command_id: 'c', workspace_id: 'acme', stream_id: 'shop', now: '2030-01-01T00:00:00.000Z', actor: 'a', correlation_id: 'c' };

/** What imports of one source make, one after the other. */
function importedBy(...commands: readonly object[]): (Imported | undefined)[] {
  let state = toolImportDecider.initial;
  return commands.map((data) => {
    const run = { type: 'tool_import.run', data: { tool_import_id: 'shop', ...data }, meta } as RunImport;
    const decision = toolImportDecider.decide(run, state);
    if ('rejected' in decision) throw new Error(decision.message);
    state = decision.reduce(toolImportDecider.evolve, state);
    return decision[0]?.data as Imported | undefined;
  });
}

const json = (schema: object) => ({ description: '', content: { 'application/json': { schema } } });
const thing = { type: 'object', properties: { id: { type: 'integer', nullable: true } }, required: ['id'] };
const read = { type: 'object', properties: { id: { type: ['integer', 'null'] } }, required: ['id'] };
const circle = { $ref: '#/components/schemas/A' };
const documentOf = (responses: object, more: object = {}) => ({
  document: {
    openapi: '3.0.1',
    servers: [{ url: 'https://a.test' }],
    paths: { '/a': { get: { operationId: 'a', responses } } },
    components: { responses: { Good: json(thing) }, schemas: { A: circle } },
  },
  ...more,
});
test.each([
  ['200 before others', { default: json({ type: 'string' }), 202: json({ type: 'string' }), 200: json(thing) }, read],
  ['201', { 201: json(thing) }, read],
  ['one that is elsewhere in the document', { '2XX': { $ref: '#/components/responses/Good' } }, read],
  ['another kind of JSON', { 200: { content: { 'text/html': {}, 'application/hal+json': { schema: thing } } } }, read],
  ['default, where it is all there is', { default: json(thing) }, read],
  ['no default beside a success, which means errors', { 204: {}, default: json(thing) }, undefined],
  ['none for errors', { 400: json(thing) }, undefined],
  ['none that is no JSON', { 200: { content: { 'image/png': { schema: thing } } } }, undefined],
  ['none that says nothing', { 200: json({}) }, undefined],
  ['none that is outside', { 200: json({ $ref: 'https://evil.example/x' }) }, undefined],
  ['none that leads in a circle', { 200: json(circle) }, undefined],
  ['none of nonsense', { 200: 7 }, undefined],
])('%s', (_, responses, expected) => {
  const [imported] = importedBy(documentOf(responses));
  expect(imported?.skipped).toEqual([]);
  expect(imported?.tools[0]?.output_schema_json).toEqual(expected);
  expect(imported?.tools[0]?.check_output).toBe(expected ? false : undefined);
});
test('is shown, and checked where somebody wants it so: that is a new version', () => {
  const plain = documentOf({ 200: json(thing) });
  const [shown, checked, same] = importedBy(plain, { ...plain, check_outputs: true }, { ...plain, check_outputs: true });
  expect(shown?.tools).toMatchObject([{ check_output: false }]);
  expect(checked?.tools[0]).toMatchObject({ output_schema_json: read, is_new: false });
  expect(checked?.tools[0]).not.toHaveProperty('check_output');
  expect(same).toBeUndefined();
});
test('is left out where it is to be checked and can not be', () => {
  const sloppy = documentOf({ 200: json({ type: 'string', pattern: '(' }) }, { check_outputs: true });
  expect(importedBy(sloppy)[0]?.tools[0]).not.toHaveProperty('output_schema_json');
});
test('that has no room is left out, and the tools are there all the same', () => {
  const large = { type: 'string', enum: Array.from({ length: 3000 }, (_, n) => `value ${n}`) };
  const paths = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`/${n}`, { get: { responses: { 200: json(large) } } }]));
  const [imported] = importedBy({ document: { openapi: '3.1.0', servers: [{ url: 'https://a.test' }], paths } });
  expect(imported?.tools).toHaveLength(40);
  const shown = imported?.tools.filter(({ output_schema_json }) => output_schema_json) ?? [];
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.length).toBeLessThan(40);
});
