import { expect, test } from 'vitest';
import { delayNode } from './delay.node.ts';
import { runEffect } from './testing/effect-run.ts';

const delay = async (config: unknown, state = {}) => (await runEffect(delayNode, config, { state })).outcome;
const until = (due_at: string) => ({ status: 'waiting', wait: { for: 'timer', detail: {}, due_at } });

test('seconds count from the command, as numbers or templates', async () => {
  expect(await delay({ seconds: 90 })).toEqual(until('2030-01-01T00:01:30.000Z'));
  expect(await delay({ seconds: 0.25 })).toEqual(until('2030-01-01T00:00:00.250Z'));
  expect(await delay({ seconds: '{{state.s}}' }, { s: 5 })).toEqual(until('2030-01-01T00:00:05.000Z'));
});

test('an instant in the future is waited for, one in the past is over', async () => {
  expect(await delay({ until: '{{state.at}}' }, { at: '2030-01-01T02:00:00+01:00' })).toEqual(until('2030-01-01T01:00:00.000Z'));
  expect(await delay({ until: '2029-12-31T00:00:00Z' })).toEqual({
    status: 'completed',
    output_json: { due_at: '2029-12-31T00:00:00.000Z' },
    output_text: null,
  });
});

test('what is no time fails with a remedy', async () => {
  for (const s of ['soon', '', -1, 1e12, null, true])
    expect(await delay({ seconds: '{{state.s}}' }, { s })).toMatchObject({ status: 'failed', error: { code: 'delay-seconds-invalid' } });
  expect(await delay({ until: 'tomorrow' })).toMatchObject({ error: { code: 'delay-until-invalid' } });
  expect(delayNode.config.safeParse({ seconds: 1, until: '2030-01-01T00:00:00Z' }).success).toBe(false);
});

test('only the timer ends it', () => {
  const request = { due_at: '2030-01-01T00:01:30.000Z', past: false };
  expect(delayNode.resume?.(request, { timed_out: true })).toMatchObject({ status: 'completed', output_json: { due_at: request.due_at } });
  expect(delayNode.resume?.(request, { payload: 1 })).toMatchObject({ status: 'failed' });
});
