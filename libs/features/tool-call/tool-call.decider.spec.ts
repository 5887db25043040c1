import { randomBytes } from 'node:crypto';
import { createSecrets } from '@agent-platform/kernel/secrets';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { toolNode } from '@agent-platform/nodes/tool.node';
import { resolvedTool } from '@agent-platform/nodes/testing/resolved-tool';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toolCallDecider } from './tool-call.decider.ts';
import { toolCallView, type CallContext, type ToolCallCommand, type ToolCallEvent } from './tool-call.state.ts';

const { given } = specFor(toolCallDecider);
const secrets = createSecrets([randomBytes(32)]);
const bound = resolvedTool({ method: 'POST', path: '/orders' }, { base_url: 'https://shop.test', headers: { 'x-token': '{{ secrets.shop }}' } });
const context: CallContext = { node: toolNode, tools: { 'tool_binding:binding-1': bound }, secrets, secretOf: async () => null };
const create = (data: object = {}) =>
  ({
    type: 'tool_call.create',
    data: { tool_id: 'tool-1', tool_binding_id: 'binding-1', purpose: 'test', input: { n: 1 }, timeout_seconds: 5, ...data },
  }) as const;
const created = (data: object = {}): ToolCallEvent => ({
  type: 'tool_call.created',
  data: { tool_id: 'tool-1', tool_binding_id: 'binding-1', purpose: 'test', input: { n: 1 }, config: {}, timeout_seconds: 5, ...data },
});
const advance = { type: 'tool_call.advance', data: { context } } as const;
const recover = { type: 'tool_call.recover', data: { context } } as const;
const record = { type: 'tool_call.record', data: { outcome: { status: 'completed', output_json: { a: 1 }, output_text: 'a' }, latency_ms: 3 } } as const;
const started = (request: object, recovered?: number): ToolCallEvent => ({
  type: 'tool_call.started',
  data: { tool_id: 'tool-1', tool_version_id: 'version-1', tool_binding_id: 'binding-1', key: 'k', request: { ...request }, ...(recovered && { recovered }) },
});

test('create selects a tool; the same again is already so, another is refused', () => {
  given().when(create()).then(created());
  given(created()).when(create()).then();
  given(created())
    .when(create({ path: 'other' }))
    .thenRejected('tool-call-exists');
});

test('what is sent is in the log before it is sent, with secrets as references', () => {
  const { decision } = given(created()).when(advance);
  expect(decision).toMatchObject([
    {
      type: 'tool_call.started',
      data: {
        tool_version_id: 'version-1',
        key: expect.stringMatching(/^acme\/tool_call\//) as string,
        request: { method: 'POST', url: 'https://shop.test/orders', body: '{"n":1}', headers: { 'x-token': '*secrets.shop*' } },
      },
    },
  ]);
  given(created(), started({})).when(advance).then();
});

test('a built-in tool is called without a definition, and its policy is its own', () => {
  const builtin = { tool_id: null, tool_binding_id: null, builtin: 'email' as const, input: { to: 'a@b.test', subject: 'x' } };
  const data = { ...builtin, tool_id: undefined, tool_binding_id: undefined };
  given().when(create(data)).then(created(builtin));
  const { decision } = given(created(builtin)).when(advance);
  expect(decision).toMatchObject([{ type: 'tool_call.started', data: { tool_id: null, request: { builtin: 'email', input: builtin.input } } }]);
  const lost = given(created(builtin), started({ builtin: 'email', input: builtin.input, now: null })).when(recover);
  expect(lost.decision).toMatchObject([{ type: 'tool_call.failed', data: { error: { code: 'outcome-unknown' }, latency_ms: null } }]);
});

describe('a call that can’t be made fails visibly', () => {
  test.each([
    ['no such tool', { ...advance, data: { context: { ...context, tools: {} } } }, created(), 'tool-not-found'],
    ['a binding of another tool', advance, created({ tool_id: 'tool-2' }), 'tool-binding-mismatch'],
    ['a bad path', advance, created({ config: { path: '{{ x | nope }}' } }), 'template-filter'],
  ] as const)('%s', (_, command, history, code) => {
    expect(given(history).when(command).decision).toMatchObject([{ type: 'tool_call.failed', data: { error: { code }, latency_ms: null } }]);
  });
});

test('after a crash a call is repeated only where that does no harm', () => {
  expect(given(created(), started({ repeatable: true })).when(recover).decision).toEqual([started({ repeatable: true }, 1)]);
  expect(given(created(), started({ repeatable: false })).when(recover).decision).toMatchObject([{ data: { error: { code: 'outcome-unknown' } } }]);
  expect(given(created(), started({ repeatable: true }, 10)).when(recover).decision).toMatchObject([{ data: { error: { code: 'outcome-unknown' } } }]);
});

test('an outcome ends it, once', () => {
  const completed: ToolCallEvent = { type: 'tool_call.completed', data: { output_json: { a: 1 }, output_text: 'a', latency_ms: 3 } };
  given(created(), started({})).when(record).then(completed);
  given(created(), started({}), completed).when(record).then();
  const state = [created(), started({ url: 'u' }), completed].reduce(toolCallDecider.evolve, toolCallDecider.initial);
  expect(toolCallView(state, 'it')).toMatchObject({
    id: 'it',
    status: 'completed',
    source: 'test',
    request: { url: 'u' },
    output_text: 'a',
    latency_ms: 3,
    error: null,
  });
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(toolCallDecider, fc.constantFrom<Pick<ToolCallCommand, 'type' | 'data'>>(create(), create({ path: 'a' }), advance, record));
});
