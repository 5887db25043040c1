import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { settledHead } from '@agent-platform/test/support/untouched';

let platform: TestPlatform;
let api: Api;
beforeAll(async () => {
  platform = await startTestPlatform();
  api = createApi(platform.url, 'acme');
});
afterAll(() => platform.close());

const YAML = { 'content-type': 'application/yaml' };
const document = {
  nodes: [
    { id: 'a', type: 'start' },
    { id: 'b', type: 'template-transform', config: { template: 'b' } },
    { id: 'c', type: 'template-transform', config: { template: 'c' } },
    { id: 'd', type: 'answer', config: { template: '{{ nodes.b.text }}{{ nodes.c.text }}' } },
  ],
  edges: [
    { source: 'a', target: 'b' },
    { source: 'a', target: 'c' },
    { source: 'b', target: 'd' },
    { source: 'c', target: 'd' },
  ],
};
const yaml = `
edges:
  - { target: b, source: a }
  - { target: c, source: a }
  - { source: b, target: d }
  - { source: c, target: d }
nodes:
  - { type: start, id: a }
  - { id: b, type: template-transform, config: { template: b } }
  - { id: c, type: template-transform, config: { template: c } }
  - id: d
    type: answer
    config:
      template: "{{ nodes.b.text }}{{ nodes.c.text }}"
`;

const cyclic = { ...document, edges: [...document.edges, { source: 'd', target: 'a' }] };

describe('spellings of a document', () => {
  test('JSON and YAML give byte-equal definitions', async () => {
    await api.post('/workflows', { workflow_id: 'spelt', name: 'Spelt' });
    const answers = [
      await api.post('/workflows/versions', { workflow_id: 'spelt', dsl_json: document }),
      await api.post('/workflows/spelt/versions', document),
      await api.post('/workflows/versions?workflow_id=spelt', yaml, YAML),
      await api.post('/workflows/spelt/versions', yaml, YAML),
      await api.post('/workflows/versions', `workflow_id: spelt\ndsl_json:${yaml.replaceAll('\n', '\n  ')}`, YAML),
    ];
    expect(answers.map(({ status, body }) => [status, body.number])).toEqual([1, 2, 3, 4, 5].map((number) => [201, number]));
    const read = await Promise.all(answers.map((answer) => api.getAfter(answer, `/workflows/versions/${answer.body.id}`)));
    expect(new Set(read.map(({ body }) => JSON.stringify(body.definition))).size).toBe(1);
    expect(read[0]?.body.dsl_json).toEqual(document);
  });

  test('the place where it is made leads to what was made', async () => {
    const made = await api.post('/workflows?name=Placed', yaml, YAML);
    expect(made.status).toBe(201);
    const found = await fetch(`${platform.url}${made.headers.get('location')}?read_after=${made.body.log.event_id}`, { headers: { 'x-workspace-id': 'acme' } });
    expect([found.status, ((await found.json()) as { name: string }).name]).toEqual([200, 'Placed']);
  });

  test.each(['yaml', 'yml', 'json'])('a .%s file can be uploaded', async (extension) => {
    const form = new FormData();
    form.append('file', new Blob([extension === 'json' ? JSON.stringify(document) : yaml]), `support.${extension}`);
    const made = await api.post('/workflows', form);
    expect([made.status, made.body.name, made.body.nodes.length]).toEqual([201, 'support', 4]);
  });

  test('a malformed file is refused with line and column, another kind of file by name', async () => {
    const upload = (name: string, text: string) => {
      const form = new FormData();
      form.append('file', new Blob([text]), name);
      return api.post('/workflows', form);
    };
    const malformed = await upload('x.yaml', 'nodes:\n  - { id: a\n');
    expect([malformed.status, malformed.body.code, malformed.body.errors[0].rule]).toEqual([400, 'document-unreadable', expect.stringMatching(/line 3/)]);
    expect((await upload('x.txt', yaml)).body.code).toBe('bad-file');
    expect((await api.post('/workflows', 'no form', { 'content-type': 'multipart/form-data; boundary=x' })).body.code).toBe('bad-form');
    expect((await api.post('/workflows?name=x', 'a: &x 1\nb: *x', YAML)).body.code).toBe('document-unreadable');
  });
});

describe('looking at a document without storing it', () => {
  test('the plan has its parallel groups and entry nodes', async () => {
    const before = await settledHead(platform);
    const json = await api.post('/workflows/validate', document);
    expect(json.body).toMatchObject({ valid: true, errors: [], plan: { entry: ['a'], groups: [['a'], ['b', 'c'], ['d']] } });
    expect((await api.post('/workflows/plan', yaml, YAML)).body).toEqual(json.body);
    expect(await settledHead(platform)).toBe(before);
  });

  test('a cycle, an unknown type and a missing field are named', async () => {
    expect((await api.post('/workflows/validate', cyclic)).body).toMatchObject({
      valid: false,
      errors: [{ code: 'cycle', node_ids: expect.arrayContaining(['a', 'd']) }],
    });
    const strict = await api.post('/workflows/validate', {
      nodes: [
        { id: 'x', type: 'teleport' },
        { id: 'y', type: 'if-else' },
      ],
      edges: [],
    });
    expect(strict.body.errors.map((error: { node_id: string }) => error.node_id)).toEqual(['x', 'y']);
    expect((await api.post('/workflows', { name: 'Cyclic', ...cyclic })).status).toBe(400);
  });

  test('the draft of a stored workflow has a plan of its own', async () => {
    const made = await api.post('/workflows', { workflow_id: 'planned', name: 'Planned', ...document });
    expect((await api.getAfter(made, '/workflows/planned/plan')).body).toMatchObject({
      workflow_id: 'planned',
      valid: true,
      plan: { groups: [['a'], ['b', 'c'], ['d']] },
    });
    expect((await api.get('/workflows/nowhere/plan')).status).toBe(404);
  });

  test('the schema of documents and of every node type is served', async () => {
    expect((await api.get('/workflows/schema')).body).toMatchObject({ $schema: expect.stringContaining('2020-12') });
    const { items } = (await api.get('/nodes')).body;
    expect(items.map((item: { type: string }) => item.type)).toEqual(expect.arrayContaining(['answer', 'human', 'if-else', 'llm', 'start', 'tool']));
    expect(items.every((item: { summary: string; config_schema: object }) => item.summary !== '' && typeof item.config_schema === 'object')).toBe(true);
  });
});

test('lists are searched, paged and counted', async () => {
  const other = createApi(platform.url, 'lists');
  const made = await Promise.all(
    Array.from({ length: 7 }, (_, index) => other.post('/workflows', { workflow_id: `w${index}`, name: index < 5 ? `Invoice ${index}` : `Letter ${index}` })),
  );
  // Versions of the log order the writes; the last of them stands for all.
  for (const answer of made) await other.getAfter(answer, '/workflows');
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body: page }: Answer = await other.get(`/workflows?q=invoice&limit=2&total=true${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(page.total).toBe(5);
    seen.push(...page.items.map((item: { name: string }) => item.name));
    cursor = page.next_cursor;
  }
  expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4].map((index) => `Invoice ${index}`));
  expect((await other.get('/workflows?q=%25')).body.items).toEqual([]);
  expect((await other.get('/workflows')).body).not.toHaveProperty('total');
  expect((await other.get('/workflows?size=2')).body.errors[0]).toMatchObject({ field: '/size', remedy: expect.stringContaining('limit') });
  for (const cursor of [
    'x',
    'e30',
    Buffer.from('["2026-02-31 00:00:00+00","x"]').toString('base64url'),
    Buffer.from('["2026-02-01 00:00:00+00","\\u0000"]').toString('base64url'),
  ]) {
    expect((await other.get(`/workflows?cursor=${cursor}`)).body.code).toBe('bad-cursor');
  }
});

test('a deleted workflow is gone, its history is not', async () => {
  await api.post('/workflows', { workflow_id: 'gone', name: 'Gone' });
  await api.put('/workflows/gone', { name: 'Going' });
  const deleted = await api.delete('/workflows/gone');
  expect(deleted.body).toMatchObject({ id: 'gone', deleted: true });
  expect((await api.getAfter(deleted, '/workflows/gone')).status).toBe(404);
  const { items } = (await api.get('/streams/workflow/gone/events')).body;
  expect(items.map((event: { type: string }) => event.type)).toEqual(['workflow.created', 'workflow.updated', 'workflow.deleted']);
  expect((await api.get('/streams/workflow/gone/state?at=2')).body.view).toMatchObject({ name: 'Going' });
});
