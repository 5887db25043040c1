import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobDecider, jobView } from './job.decider.ts';

const due = { target: { category: 'run', stream_id: 'run-1' }, payload: { node_id: 'wait' }, due_at: '2026-04-26T12:00:00.000Z' };
const fire = { type: 'job.fire', data: { job_id: 'it', ...due } } as const;

test('a timer is due once, whoever fires it', () => {
  specFor(jobDecider).given().when(fire).then({ type: 'job.due', data: due });
  specFor(jobDecider).given({ type: 'job.due', data: due }).when(fire).then();
});

test('the view is what fell due', () => {
  expect(jobView(null, 't1')).toBeNull();
  expect(jobView(due, 't1')).toEqual({ id: 't1', ...due });
});

test('running any command twice never appends twice', () => neverAppendsTwice(jobDecider, fc.constant(fire)));
