import { humanTaskContract } from '@agent-platform/contracts/human-task/human-task.contract';
import type { AnyFeature, Projection } from '@agent-platform/kernel/index';
import { logged } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { timersProjection } from './timers.projection.ts';

const silent: AnyFeature = {
  contract: { ...humanTaskContract, category: 'silent' },
  decider: { initial: null, decide: () => [], evolve: () => null },
  view: () => null,
  projections: [],
  queries: {},
};
const asking: AnyFeature = {
  ...silent,
  contract: humanTaskContract,
  timers: (event, target) =>
    event.type === 'human_task.created'
      ? [{ timer_id: 't1', due_at: '2026-01-02T00:00:00.000Z', target, payload: { a: 1 } }]
      : [{ timer_id: 't1', cancel: true }],
};
const projection: Projection = timersProjection([silent, asking]);
const key = { workspace_id: 'acme', timer_id: 't1' };

test('listens to what asks for timers, and to job.due', () => {
  expect(projection.events).toEqual(['job.due', ...Object.keys(humanTaskContract.events)]);
});

test('an event sets a timer, a later one cancels it', () => {
  const at = { category: 'human_task', stream_id: 'task-1' };
  expect(projection.project(logged({ type: 'human_task.created', data: {} }, at))).toEqual([
    { table: 'timers', key, set: { due_at: '2026-01-02T00:00:00.000Z', target_category: 'human_task', target_id: 'task-1', payload: { a: 1 } } },
  ]);
  expect(projection.project(logged({ type: 'human_task.cancelled', data: {} }, at))).toEqual([{ table: 'timers', key, remove: true }]);
});

test('a fired timer goes', () => {
  expect(projection.project(logged({ type: 'job.due', data: {} }, { category: 'job', stream_id: 't1' }))).toEqual([{ table: 'timers', key, remove: true }]);
});
