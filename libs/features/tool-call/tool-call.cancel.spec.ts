import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toolCallDecider } from './tool-call.decider.ts';
import { toolCallView, type ToolCallCommand, type ToolCallEvent } from './tool-call.state.ts';

const { given } = specFor(toolCallDecider);
const created: ToolCallEvent = {
  type: 'tool_call.created',
  data: { tool_id: 'tool-1', tool_binding_id: null, purpose: 'call', input: null, config: {}, timeout_seconds: 5 },
};
const started: ToolCallEvent = { type: 'tool_call.started', data: { tool_id: 'tool-1', tool_version_id: 'v', tool_binding_id: null, key: 'k', request: {} } };
const cancel = { type: 'tool_call.cancel', data: { tool_call_id: 'it', reason: 'enough' } } as const;
const record = { type: 'tool_call.record', data: { outcome: { status: 'completed', output_json: 1, output_text: null }, latency_ms: 3 } } as const;
const cancelled: ToolCallEvent = { type: 'tool_call.cancelled', data: { reason: 'enough' } };

test('a call can be cancelled until it ends; what comes late changes nothing', () => {
  given().when(cancel).thenRejected('tool-call-not-found');
  given(created).when(cancel).then(cancelled);
  given(created, started).when(cancel).then(cancelled);
  given(created, started, cancelled).when(cancel).then();
  given(created, started, cancelled).when(record).then();
  given(created, started, { type: 'tool_call.completed', data: { output_json: 1, output_text: null, latency_ms: 1 } })
    .when(cancel)
    .thenRejected('tool-call-ended');
});

test('it is shown as cancelled, with the reason', () => {
  const state = [created, started, cancelled].reduce(toolCallDecider.evolve, toolCallDecider.initial);
  expect(toolCallView(state, 'it')).toMatchObject({ status: 'cancelled', error: { code: 'tool-call-cancelled', message: 'enough' } });
});

test('any command twice appends nothing new', () => {
  neverAppendsTwice(toolCallDecider, fc.constantFrom<Pick<ToolCallCommand, 'type' | 'data'>>(cancel, record));
});
