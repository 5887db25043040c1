import { expect, test } from 'vitest';
import { runEffect } from './testing/effect-run.ts';
import { waitNode } from './wait.node.ts';

test('the node parks at once, without anything outside', async () => {
  const { outcome, immediate } = await runEffect(waitNode, { signal: 'paid-{{input.order}}', timeout_seconds: 60 }, { input: { order: 7 } });
  expect(immediate).toBe(true);
  expect(outcome).toEqual({ status: 'waiting', wait: { for: 'signal', detail: { signal: 'paid-7' }, due_at: '2030-01-01T00:01:00.000Z' } });
  expect((await runEffect(waitNode, { signal: '{{input.nothing}}' })).outcome).toMatchObject({ error: { code: 'signal-name-empty' } });
});

test('the payload is the output; too late is a route or a failure', () => {
  expect(waitNode.resume?.({ signal: 'paid' }, { payload: { amount: 12 } })).toEqual({
    status: 'completed',
    output_json: { amount: 12 },
    output_text: null,
    route: 'received',
  });
  expect(waitNode.resume?.({ signal: 'paid' }, { timed_out: true })).toMatchObject({
    route: 'timed_out',
    fail_without_route: { code: 'signal-timeout', message: 'No signal "paid" came in time.' },
  });
  expect(waitNode.resume?.({ signal: 'paid' }, {})).toMatchObject({ status: 'failed' });
});
