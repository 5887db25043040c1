import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { arbitraryRun } from '@agent-platform/run/testing/arbitrary-run';
import { runProjection } from '@agent-platform/run/run.projection';
import type { RunEvent } from '@agent-platform/run/run.state';
import { toolCallProjection } from '@agent-platform/tool-call/tool-call.projection';

const RUN_ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);
const ENDED: ReadonlySet<unknown> = new Set(['completed', 'failed', 'skipped', 'cancelled']);
const at = { category: 'run', stream_id: 'r1' };

/** The same run, as if each of its nodes called a tool. */
const ofTools = (events: readonly RunEvent[]) =>
  JSON.parse(JSON.stringify(events), (key, value: unknown) => (key === 'node_type' ? 'tool' : value)) as RunEvent[];

const ended = arbitraryRun.filter((events) => events.some(({ type }) => RUN_ENDS.has(type)));

test('property: nothing of a run that has ended is shown as open, and its rows say when they ended', () => {
  fc.assert(
    fc.property(ended, (events) => {
      const { node_runs = [] } = tablesOf(runProjection, events, at);
      const { tool_calls = [] } = tablesOf(toolCallProjection, ofTools(events), at);
      for (const row of [...node_runs, ...tool_calls]) expect(ENDED.has(row['status']) && row['ended_at'], JSON.stringify(row)).toBeTruthy();
    }),
    { numRuns: 500 },
  );
});

test('a run that an older release ended, which did not say what was open, is shown as it was', () => {
  const events = [
    { type: 'node.queued', data: { node_id: 'a', node_type: 'tool' } },
    { type: 'run.cancelled', data: { reason: null, open_tasks: [] } },
  ];
  expect(tablesOf(runProjection, events, at)['node_runs']).toMatchObject([{ status: 'queued' }]);
  expect(tablesOf(toolCallProjection, events, at)['tool_calls']).toMatchObject([{ status: 'selected' }]);
});

test('a call that a person had done again is not open any more', () => {
  const node = { node_id: 'a', node_type: 'tool', attempt: 1 };
  const events = [
    { type: 'node.queued', data: node },
    { type: 'node.started', data: { ...node, key: 'k', request: {} } },
    { type: 'node.outcome_unknown', data: { ...node, key: 'k' } },
    { type: 'node.resolved', data: { ...node, resolution: 'retry', reason: null, open_tasks: [] } },
    { type: 'node.queued', data: { ...node, attempt: 2 } },
  ];
  expect(tablesOf(toolCallProjection, events, at)['tool_calls']).toMatchObject([
    { id: 'r1:a:1', status: 'failed', error: { code: 'outcome-unknown' } },
    { id: 'r1:a:2', status: 'selected' },
  ]);
});
