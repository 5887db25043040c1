import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '@agent-platform/kernel/index';
import { runDecider } from './run.decider.ts';
import { evolveAllOfRun, type RunState } from './run.state.ts';
import { arbitraryRun } from './testing/arbitrary-run.ts';

/** As a snapshot keeps it. The order of keys counts: decisions go by it. */
const kept = (state: RunState): string => JSON.stringify(state);

test('property: a run goes on from a snapshot of any of its versions as if it had been folded from its beginning', () => {
  fc.assert(
    fc.property(arbitraryRun, (events) => {
      const whole = kept(fold(runDecider, events));
      for (let cut = 0; cut <= events.length; cut++) {
        const snapshot = JSON.parse(kept(fold(runDecider, events.slice(0, cut)))) as RunState;
        expect(kept(evolveAllOfRun(snapshot, events.slice(cut)))).toBe(whole);
      }
    }),
    { numRuns: 200 },
  );
});

test('the runs of the property come to everything that can happen to one', () => {
  const seen = new Set(fc.sample(arbitraryRun, { numRuns: 500, seed: 1 }).flatMap((events) => events.map(({ type }) => type)));
  expect([...seen].toSorted()).toEqual(
    [
      'run.created',
      'run.started',
      'node.queued',
      'node.started',
      'node.waiting',
      'node.completed',
      'node.failed',
      'node.retry_scheduled',
      'node.outcome_unknown',
      'node.resolved',
      'node.skipped',
      'run.signalled',
      'run.completed',
      'run.failed',
      'run.cancelled',
    ].toSorted(),
  );
});
