import { HumanTaskView } from '@agent-platform/contracts/human-task/human-task.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { humanTaskProjection } from './human-task.projection.ts';

const link = { run_id: 'run-1', node_run_id: 'run-1:ask:1' };
const created = {
  type: 'human_task.created',
  data: {
    ...link,
    task_type: 'approval',
    title: 'Ask',
    description: null,
    assigned_to: 'ops-1',
    candidates: [],
    request_payload_json: { amount: 99 },
    form_json: null,
    due_at: null,
  },
};
const claimed = { type: 'human_task.claimed', data: { ...link, claimed_by: 'ops-1' } };
const rows = (...end: { type: string; data: object }[]) => tablesOf(humanTaskProjection, [created, claimed, ...end], { stream_id: 't1' })['human_tasks'];
const unset = Object.fromEntries(Object.keys(HumanTaskView.shape).map((column) => [column, null]));

test('rows have the fields of the view', () => {
  const approved = { type: 'human_task.approved', data: { ...link, status: 'approved', response_payload_json: { ok: true }, completed_by: 'ops-1' } };
  expect(HumanTaskView.parse({ ...unset, ...rows(approved)?.[0] })).toEqual({
    ...unset,
    ...created.data,
    id: 't1',
    workspace_id: 'acme',
    status: 'approved',
    claimed_by: 'ops-1',
    response_payload_json: { ok: true },
    completed_by: 'ops-1',
    completed_at: '2026-01-01T00:00:03.000Z',
    version: 3,
    created_at: '2026-01-01T00:00:01.000Z',
    updated_at: '2026-01-01T00:00:03.000Z',
  });
});

test('every end has its status', () => {
  expect(rows()).toMatchObject([{ status: 'claimed', claimed_by: 'ops-1' }]);
  expect(rows({ type: 'human_task.cancelled', data: { ...link, status: 'cancelled', reason: 'run failed' } })).toMatchObject([
    { status: 'cancelled', reason: 'run failed' },
  ]);
  expect(rows({ type: 'human_task.expired', data: { ...link, due_at: null } })).toMatchObject([{ status: 'expired' }]);
});
