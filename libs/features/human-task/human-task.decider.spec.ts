import { fold } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { logged } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import { humanTaskDecider } from './human-task.decider.ts';
import { humanTaskView, type HumanTaskCommand, type HumanTaskCreated, type HumanTaskEvent } from './human-task.state.ts';
import { humanTaskFeature } from './index.ts';

const { given } = specFor(humanTaskDecider);
const link = { run_id: 'run-1', node_run_id: 'run-1:ask:1' };
const fields: HumanTaskCreated = {
  ...link,
  task_type: 'approval',
  title: 'Approve refund',
  description: null,
  assigned_to: null,
  candidates: [],
  request_payload_json: { amount: 99 },
  form_json: null,
  due_at: null,
};
const created = (over: Partial<HumanTaskCreated> = {}): HumanTaskEvent => ({ type: 'human_task.created', data: { ...fields, ...over } });
const claimed = (claimed_by: string): HumanTaskEvent => ({ type: 'human_task.claimed', data: { ...link, claimed_by } });
const approved: HumanTaskEvent = {
  type: 'human_task.approved',
  data: { ...link, status: 'approved', response_payload_json: { ok: true }, completed_by: 'user:ann' },
};
const rejected: HumanTaskEvent = { type: 'human_task.rejected', data: { ...link, status: 'rejected', response_payload_json: {}, completed_by: 'ben' } };
const cancelled: HumanTaskEvent = { type: 'human_task.cancelled', data: { ...link, status: 'cancelled', reason: 'run cancelled' } };
const expired: HumanTaskEvent = { type: 'human_task.expired', data: { ...link, due_at: null } };

const create = (data: object) => ({ type: 'human_task.create', data: { title: 'Approve refund', ...data } }) as const;
const claim = (claimed_by: string) => ({ type: 'human_task.claim', data: { task_id: 'it', claimed_by } }) as const;
const complete = (data: object) =>
  ({ type: 'human_task.complete', data: { task_id: 'it', status: 'approved', response_payload_json: { ok: true }, ...data } }) as const;
const cancel = { type: 'human_task.cancel', data: { task_id: 'it', reason: 'run cancelled' } } as const;
const expire = { type: 'human_task.expire', data: { task_id: 'it' } } as const;

describe('human_task.create', () => {
  test('asks a person', () =>
    given()
      .when(create({ ...link, task_type: 'approval', request_payload_json: { amount: 99 } }))
      .then(created()));
  test('takes the short names too', () => {
    given()
      .when(create({ ...link, kind: 'input', assignee: 'ops-1', payload_json: { amount: 99 } }))
      .then(created({ task_type: 'input', assigned_to: 'ops-1' }));
  });
  test('refuses an id that is taken', () =>
    given(created())
      .when(create({ kind: 'input' }))
      .thenRejected('task-exists'));
  test('knows its five types, and wants one', () => {
    const { data } = humanTaskContract.commands['human_task.create'];
    for (const task_type of ['approval', 'input', 'takeover', 'pause', 'resume']) expect(data.safeParse({ title: 'x', task_type }).success).toBe(true);
    expect(data.safeParse({ title: 'x', task_type: 'dance' }).success).toBe(false);
    expect(data.safeParse({ title: 'x' }).error?.issues[0]?.path).toEqual(['task_type']);
  });
});

describe('human_task.claim', () => {
  test('one person takes it', () => given(created()).when(claim('ben')).then(claimed('ben')));
  test('the same person again is already so', () => given(created(), claimed('ben')).when(claim('ben')).then());
  test('another one is too late', () => given(created(), claimed('ben')).when(claim('ann')).thenRejected('task-already-claimed'));
  test('an assigned task is for that person only', () => {
    given(created({ assigned_to: 'ben' }))
      .when(claim('ann'))
      .thenRejected('task-assigned-to-another');
    given(created({ assigned_to: 'ben' }))
      .when(claim('ben'))
      .then(claimed('ben'));
  });
  test('an offered task is for those it was offered to', () => {
    given(created({ candidates: ['ben', 'cid'] }))
      .when(claim('ann'))
      .thenRejected('task-not-offered');
    given(created({ candidates: ['ben', 'cid'] }))
      .when(claim('cid'))
      .then(claimed('cid'));
  });
  test('refuses an answered and an unknown task', () => {
    given(created(), approved).when(claim('ben')).thenRejected('task-already-completed');
    given(created(), cancelled).when(claim('ben')).thenRejected('task-ended');
    given().when(claim('ben')).thenRejected('task-not-found');
  });
});

describe('human_task.complete', () => {
  test('approves, as the caller', () => given(created()).when(complete({})).then(approved));
  test('rejects, by name', () =>
    given(created(), claimed('ben'))
      .when(complete({ status: 'rejected', response_payload_json: {}, completed_by: 'ben' }))
      .then(rejected));
  test('twice is a conflict', () => given(created(), approved).when(complete({})).thenRejected('task-already-completed'));
  test('not by somebody else', () => {
    given(created(), claimed('ben'))
      .when(complete({ completed_by: 'ann' }))
      .thenRejected('task-already-claimed');
    given(created({ assigned_to: 'ben' }))
      .when(complete({ completed_by: 'ann' }))
      .thenRejected('task-assigned-to-another');
  });
  test('not after the end', () => {
    given(created(), expired).when(complete({})).thenRejected('task-ended');
    given().when(complete({})).thenRejected('task-not-found');
  });
});

describe('human_task.cancel and expire', () => {
  test('withdraws an open task', () => given(created()).when(cancel).then(cancelled));
  test('is already so', () => given(created(), cancelled).when(cancel).then());
  test('refuses an answered one', () => given(created(), rejected).when(cancel).thenRejected('task-already-completed'));
  test('expires an open task', () => given(created(), claimed('ben')).when(expire).then(expired));
  test('a late timer changes nothing', () => given(created(), approved).when(expire).then());
  test('refuses an unknown task', () => given().when(expire).thenRejected('task-not-found'));
});

test('the view shows who answered what', () => {
  expect(humanTaskView(fold(humanTaskDecider, [created(), claimed('ben'), rejected]), 't1')).toEqual({
    id: 't1',
    ...fields,
    status: 'rejected',
    claimed_by: 'ben',
    response_payload_json: {},
    completed_by: 'ben',
    reason: null,
  });
});

test('a due time is a timer that the answer cancels', () => {
  const stream = { workspace_id: 'acme', category: 'human_task', stream_id: 't1' };
  const timers = (event: HumanTaskEvent) => humanTaskFeature.timers?.(event, stream) ?? [];
  const [timer] = timers(created({ due_at: '2026-01-02T00:00:00.000Z' }));
  expect(timer).toMatchObject({ due_at: '2026-01-02T00:00:00.000Z', target: stream });
  expect(timers(created())).toEqual([]);
  expect(timers(claimed('ben'))).toEqual([]);
  for (const end of [approved, rejected, cancelled]) expect(timers(end)).toEqual([{ timer_id: timer?.timer_id, cancel: true }]);
});

test('a due timer of a task makes it expire; timers of others do not', () => {
  const react = (category: string) =>
    humanTaskFeature.policies?.flatMap((policy) => policy.react(logged({ type: 'job.due', data: { target: { category, stream_id: 't1' } } })));
  expect(react('human_task')).toEqual([{ type: 'human_task.expire', data: { task_id: 't1' } }]);
  expect(react('run')).toEqual([]);
});

test('running any command twice never appends twice', () => {
  const person = fc.constantFrom('ann', 'ben');
  neverAppendsTwice(
    humanTaskDecider,
    fc.oneof<fc.Arbitrary<Pick<HumanTaskCommand, 'type' | 'data'>>[]>(
      fc.record({ task_type: fc.constant('input' as const), assigned_to: person }, { requiredKeys: ['task_type'] }).map(create),
      person.map(claim),
      fc.record({ status: fc.constantFrom('approved', 'rejected'), completed_by: person }, { requiredKeys: ['status'] }).map(complete),
      fc.constantFrom(cancel, expire),
    ),
  );
});
