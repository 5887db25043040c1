import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

let documents: Server;
let address: string;
let platform: TestPlatform;
let user: User;

beforeAll(async () => {
  documents = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        documents: [
          { id: 'a', title: 'Opening hours', text: 'We open at nine.' },
          { id: 'b', title: 'Refund policy', text: 'A refund takes five days.' },
        ],
      }),
    );
  });
  await new Promise<void>((resolve) => documents.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(documents.address() as AddressInfo).port}`;
  platform = await startTestPlatform({ egressAllow: [address] });
  user = await createUser(platform);
});
afterAll(async () => {
  await user.close();
  await platform.close();
  documents.close();
});

const run = async (workflow_id: string, input: object = {}) => {
  const runId = await user.accepted('run.create', { workflow_id, input });
  return user.read(runId, await user.event(runId, 'run.completed'));
};

test.for([
  [7, 'high-path', 'low-path', 'Alice passed with score 7'],
  [3, 'low-path', 'high-path', 'Alice failed with score 3'],
] as const)('check-score: a score of %d takes the %s', async ([score, taken, left, text]) => {
  const workflow = await user.publish(
    [
      { id: 'seed-state', type: 'assigner', config: { assignments: { score, user_name: 'Alice' } } },
      { id: 'check-score', type: 'if-else', config: { expression: 'state.score >= 5' } },
      { id: 'high-path', type: 'template-transform', config: { template: '{{state.user_name}} passed with score {{state.score}}' } },
      { id: 'low-path', type: 'template-transform', config: { template: '{{state.user_name}} failed with score {{state.score}}' } },
    ],
    [
      ['seed-state', 'check-score'],
      { source: 'check-score', target: 'high-path', condition: 'true' },
      { source: 'check-score', target: 'low-path', condition: 'false' },
    ],
  );
  const { run: done, nodes } = await run(workflow);
  expect(done.status).toBe('completed');
  expect(nodes['check-score'].output_json).toMatchObject({ condition_result: score >= 5, route: String(score >= 5) });
  expect(nodes[taken]).toMatchObject({ status: 'completed', output_text: text });
  expect(nodes[left]).toMatchObject({ status: 'skipped', started_at: null });
});

test('a retriever ranks its own documents; a template names the first', async () => {
  const workflow = await user.publish(
    [
      {
        id: 'retrieve-docs',
        type: 'retriever',
        config: {
          query_template: '{{ input.question }}',
          top_k: 1,
          documents: [
            { id: 'shipping', title: 'Shipping Policy', text: 'Parcels arrive within three days.' },
            { id: 'refund', title: 'Refund Policy', text: 'A refund takes five days.' },
          ],
        },
      },
      { id: 'render-answer', type: 'answer', config: { template: 'See {{nodes.retrieve-docs.output.retrieved_documents.0.title}}' } },
    ],
    [['retrieve-docs', 'render-answer']],
  );
  const { run: done, nodes } = await run(workflow, { question: 'refund' });
  expect(nodes['retrieve-docs'].output_json.retrieved_documents).toMatchObject([{ id: 'refund' }]);
  expect(done.output_text).toBe('See Refund Policy');
});

test('a retriever gets its documents over HTTP', async () => {
  const workflow = await user.publish([
    { id: 'retrieve-remote-docs', type: 'knowledge-retrieval', config: { query: 'refund policy', source_url: `http://${address}/documents`, top_k: 3 } },
  ]);
  const { nodes } = await run(workflow);
  expect(nodes['retrieve-remote-docs'].output_json.retrieved_documents[0]).toMatchObject({ id: 'b', title: 'Refund policy' });
});

test('values from users are never rendered a second time', async () => {
  const workflow = await user.publish([{ id: 'echo', type: 'answer', config: { template: '{{ input.text | upper }}' } }]);
  expect((await run(workflow, { text: '{{ input.secret }}', secret: 'no' })).run.output_text).toBe('{{ INPUT.SECRET }}');
});

test('a diamond joins once, when both branches are done', async () => {
  const branch = (id: string) => ({ id, type: 'template-transform', config: { template: id } });
  const workflow = await user.publish(
    [branch('a'), branch('b'), branch('c'), { id: 'd', type: 'answer', config: { template: '{{nodes.b.text}}+{{nodes.c.text}}' } }],
    [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ],
  );
  const runId = await user.accepted('run.create', { workflow_id: workflow });
  await user.event(runId, 'run.completed');
  const ends = user.seen(runId).filter(({ type, data }) => type === 'node.completed' && data['node_id'] === 'd');
  expect(ends).toMatchObject([{ data: { output_text: 'b+c' } }]);
});
