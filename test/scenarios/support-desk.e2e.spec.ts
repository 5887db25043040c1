import { loadExample } from '@agent-platform/app-platform/demo/example';
import { type OrderService, startOrderService } from '@agent-platform/app-platform/demo/order-service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

const example = loadExample();
let orders: OrderService;
let platform: TestPlatform;
let user: User;

beforeAll(async () => {
  orders = await startOrderService(example.orders, 'A-2213');
  platform = await startTestPlatform({ egressAllow: [orders.address] });
  user = await createUser(platform);
  await user.accepted('workflow.create', { workflow_id: 'support', name: 'Support desk', dsl_yaml: example.workflow });
  await user.accepted('workflow.publish', { workflow_id: 'support' });
});
afterAll(async () => {
  await user.close();
  await platform.close();
  orders.close();
});

const open = (ticketId: string): Promise<string> => {
  const ticket = example.tickets.find(({ ticket_id }) => ticket_id === ticketId);
  return user.accepted('run.create', { workflow_id: 'support', input: { ...ticket, orders_url: orders.url } });
};

/** Waits until a run asks a person, and finds her task in the list. */
async function taskOf(runId: string): Promise<{ id: string; title: string; request_payload_json: object }> {
  const { data } = await user.event(runId, 'node.waiting');
  const taskId = (data['wait'] as { detail: { task_id: string } }).detail.task_id;
  const created = await user.event(taskId, 'human_task.created');
  const { body } = await user.api.get(`/human/tasks?status=pending&run_id=${runId}&read_after=${created.id}`);
  expect(body.items).toHaveLength(1);
  return body.items[0];
}

test('a ticket about money waits for a person; her approval sends the answer', async () => {
  const runId = await open('T-1041');
  const task = await taskOf(runId);
  expect(task).toMatchObject({ title: 'Send this answer about order A-2207?', request_payload_json: { ticket: 'T-1041', total: 129.9 } });
  expect((await user.api.post(`/human/tasks/${task.id}/claim`, { claimed_by: 'sam' })).status).toBe(200);
  expect((await user.api.post(`/human/tasks/${task.id}/claim`, { claimed_by: 'alex' })).status).toBe(409);
  const approved = await user.api.post(`/human/tasks/${task.id}/complete`, {
    status: 'approved',
    completed_by: 'sam',
    response_payload_json: { note: 'fine' },
  });
  expect(approved.body).toMatchObject({ status: 'approved', completed_by: 'sam' });

  // Nobody calls anything further: the run goes on by the event alone.
  const { run, nodes } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run.output_text).toMatch(/^Dear Ms Okafor,\n.*refunded within five working days/);
  expect(nodes['approval']).toMatchObject({ status: 'completed', route: 'approved', output_json: { note: 'fine', completed_by: 'sam' } });
  expect(nodes['decline']).toMatchObject({ status: 'skipped' });
  expect((await user.api.post(`/human/tasks/${task.id}/complete`, { status: 'rejected' })).status).toBe(409);
});

test('her rejection follows the other edge', async () => {
  const runId = await open('T-1045');
  const task = await taskOf(runId);
  await user.api.post(`/human/tasks/${task.id}/complete`, { status: 'rejected', completed_by: 'sam' });
  const { run, nodes } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(run.output_text).toBe('Dear Ms Nguyen, a colleague will call you about order A-2231.');
  expect(nodes['approval']).toMatchObject({ status: 'completed', route: 'rejected' });
  expect(nodes['answer']).toMatchObject({ status: 'skipped' });
});

test('a rejection that no edge follows fails the node and the run', async () => {
  const workflow_id = await user.publish(
    [
      { id: 'ask', type: 'human', config: { title: 'Go on?' } },
      { id: 'after', type: 'answer', config: { template: 'Went on' } },
    ],
    [['ask', 'after']],
  );
  const runId = await user.accepted('run.create', { workflow_id });
  const task = await taskOf(runId);
  expect(await user.command('human_task.complete', { task_id: task.id, status: 'rejected', completed_by: 'sam' })).toMatchObject({ ok: true });
  const { run, nodes } = await user.read(runId, await user.event(runId, 'run.failed'));
  expect(run).toMatchObject({ status: 'failed', error: { node_id: 'ask' } });
  expect(nodes['ask']).toMatchObject({ status: 'failed' });
});

test('an order service that is busy is asked again, and the other tickets do not wait for it', async () => {
  const runId = await open('T-1042');
  const { data: retry } = await user.event(runId, 'node.retry_scheduled');
  expect(retry).toMatchObject({ node_id: 'order', attempt: 2, error: { message: expect.stringContaining('503') } });
  const { run, nodes } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(nodes['order']).toMatchObject({ status: 'completed', attempt: 2 });
  expect(run.output_text).toContain('counts as lost');
  const keys = user.seen(runId).flatMap(({ type, data }) => (type === 'node.started' && data['node_id'] === 'order' ? [data['key']] : []));
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});
