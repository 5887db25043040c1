import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { humanTaskIds } from '@agent-platform/nodes/human-task.ids';
import { resolvedTool } from '@agent-platform/nodes/testing/resolved-tool';
import { toolNode } from '@agent-platform/nodes/tool.node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toolCallDecider } from './tool-call.decider.ts';
import { type CallContext, hasEnded, isUnderWay, toolCallView, type ToolCallCommand, type ToolCallEvent } from './tool-call.state.ts';

const { given } = specFor(toolCallDecider);
const tool = resolvedTool({ method: 'POST', url: 'https://bank.test/pay', requires_approval: true, approval_timeout_seconds: 60 });
const context: CallContext = { node: toolNode, tools: { 'tool:tool-1': tool }, secrets: undefined, secretOf: async () => null };
const created: ToolCallEvent = {
  type: 'tool_call.created',
  data: { tool_id: 'tool-1', tool_binding_id: null, purpose: 'call', input: { n: 1 }, config: {}, timeout_seconds: 5, requires_approval: true },
};
const advance = { type: 'tool_call.advance', data: { context } } as const;
const [shown] = given(created).when(advance).decision as readonly ToolCallEvent[];
if (shown?.type !== 'tool_call.started') throw new Error('the call is not begun');
const asked: ToolCallEvent = { type: 'tool_call.asked', data: { task_id: 'task-1' } };
const recordAsked = {
  type: 'tool_call.record',
  data: { outcome: { status: 'waiting', wait: { for: 'human_task', detail: { task_id: 'task-1' } } }, latency_ms: 1 },
} as const;
const answered = (signal: object, task_id = 'task-1') => ({ type: 'tool_call.answered', data: { context, task_id, signal: { ...signal } } }) as const;
const yes = answered({ status: 'approved', completed_by: 'ann' });
const no = answered({ status: 'rejected', completed_by: 'ann' });
const stateOf = (...events: readonly ToolCallEvent[]) => events.reduce(toolCallDecider.evolve, toolCallDecider.initial);

test('a call that a person has to approve is shown first: it stays selected until then', () => {
  expect(shown.data.request).toMatchObject({ url: 'https://bank.test/pay', approval: { approved_by: null, due_at: expect.any(String) as string } });
  given(created, shown).when(recordAsked).then(asked);
  expect(isUnderWay(stateOf(created, shown))).toBe(true);
  const waiting = stateOf(created, shown, asked);
  expect([waiting.status, isUnderWay(waiting), hasEnded(waiting)]).toEqual(['selected', false, false]);
  expect(toolCallView(waiting, 'it')).toMatchObject({ status: 'selected', task_id: 'task-1' });
  given(created, shown, asked).when(advance).then();
  given(created, shown, asked).when(recordAsked).then();
});

test('once approved it is made as it was shown, under the same key', () => {
  const { decision } = given(created, shown, asked).when(yes);
  const { request, ...same } = shown.data;
  expect(decision).toEqual([
    { type: 'tool_call.started', data: { ...same, request: { ...(request as object), approval: expect.objectContaining({ approved_by: 'ann' }) as object } } },
  ]);
  const running = stateOf(created, shown, asked, ...(decision as readonly ToolCallEvent[]));
  expect([running.status, isUnderWay(running), running.task_id]).toEqual(['running', true, 'task-1']);
  given(created, shown, asked, ...(decision as readonly ToolCallEvent[]))
    .when(yes)
    .then();
});

test.each([
  ['a no', no, /rejected by ann/],
  ['nobody in time', answered({ timed_out: true }), /in time/],
  ['a task that was withdrawn', answered({ status: 'cancelled' }), /cancelled/],
])('%s skips it, with the reason', (_, answer, message) => {
  const { decision } = given(created, shown, asked).when(answer);
  expect(decision).toMatchObject([
    { type: 'tool_call.skipped', data: { error: { code: 'tool-not-approved', message: expect.stringMatching(message) as string } } },
  ]);
  const skipped = stateOf(created, shown, asked, ...(decision as readonly ToolCallEvent[]));
  expect([skipped.status, hasEnded(skipped)]).toEqual(['skipped', true]);
  given(created, shown, asked, ...(decision as readonly ToolCallEvent[]))
    .when({ type: 'tool_call.cancel', data: { tool_call_id: 'it' } })
    .thenRejected('tool-call-ended');
});

test('an answer that is quicker than the log comes again; one to another question is none', () => {
  given(created, shown).when(yes).thenRejected('tool-call-not-waiting-yet');
  given(created, shown, asked)
    .when(answered({ status: 'approved' }, 'task-2'))
    .then();
  given(created).when(yes).then();
});

test('asking is repeated after a crash; the question goes with a call that is given up', () => {
  const recover = { type: 'tool_call.recover', data: { context } } as const;
  expect(given(created, shown).when(recover).decision).toEqual([{ type: 'tool_call.started', data: { ...shown.data, recovered: 1 } }]);
  given(created, shown, asked).when(recover).then();
  const cancel = { type: 'tool_call.cancel', data: { tool_call_id: 'it', reason: 'enough' } } as const;
  const { node_run_id } = (shown.data.request as { approval: { node_run_id: string } }).approval;
  const cancelled: ToolCallEvent = { type: 'tool_call.cancelled', data: { reason: 'enough', task_id: humanTaskIds('acme', node_run_id).task_id } };
  given(created, shown, asked).when(cancel).then(cancelled);
  // Also when the person is only about to be asked.
  given(created, shown).when(cancel).then(cancelled);
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(toolCallDecider, fc.constantFrom<Pick<ToolCallCommand, 'type' | 'data'>>(advance, recordAsked, yes, no));
});
