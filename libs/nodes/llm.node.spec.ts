import { Failure } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { llmNode } from './llm.node.ts';
import { KEY, runEffect } from './testing/effect-run.ts';

const usage = { prompt_tokens: 3, completion_tokens: 2 };
const model = () => ({ text: 'Hi', model: 'gpt-4o-mini', finish_reason: 'stop', usage });

test('the prompt form becomes a system and a user message, rendered', async () => {
  const config = { model: 'gpt-4o-mini', system_prompt: 'You are {{state.role}}.', prompt: 'Say {{input.word}}', temperature: 0.2, max_tokens: 400 };
  const { chats, outcome } = await runEffect(llmNode, config, { state: { role: 'kind' }, input: { word: 'hi' } }, { model });
  expect(chats).toEqual([
    {
      model: 'gpt-4o-mini',
      messages: [
        { role: 'system', content: 'You are kind.' },
        { role: 'user', content: 'Say hi' },
      ],
      temperature: 0.2,
      max_tokens: 400,
    },
  ]);
  expect(outcome).toEqual({ status: 'completed', output_text: 'Hi', output_json: { model: 'gpt-4o-mini', usage, finish_reason: 'stop' } });
});

test('the messages form is passed on as it is; no model means the default of the gateway', async () => {
  const messages = [
    { role: 'system', content: 'a' },
    { role: 'user', content: 'b' },
  ];
  const { request } = await runEffect(llmNode, { messages }, {}, { model });
  expect(request).toEqual({ messages });
});

test('a reply that may be given again says so when it was', async () => {
  const { request, outcome } = await runEffect(llmNode, { prompt: 'x', cache_seconds: 60 }, {}, { model: () => ({ ...model(), cached: true }) });
  expect(request).toMatchObject({ cache_seconds: 60 });
  expect(outcome).toMatchObject({ output_json: { cached: true } });
});

test('tokens go out live with their offset', async () => {
  const { live } = await runEffect(llmNode, { prompt: 'x' }, {}, { model: (_, onToken) => (onToken('Hel'), onToken('lo'), model()) });
  expect(live).toEqual([
    { topic: 'tokens', data: { key: KEY, offset: 0, text: 'Hel' } },
    { topic: 'tokens', data: { key: KEY, offset: 3, text: 'lo' } },
  ]);
});

test('a reply is made storable, and says so', async () => {
  const { outcome } = await runEffect(llmNode, { prompt: 'x' }, {}, { model: () => ({ ...model(), text: 'a\0b\ud800' }) });
  expect(outcome).toMatchObject({ output_text: 'ab\ufffd', output_json: { cleaned: { nul_removed: 1, surrogates_replaced: 1 } } });
});

test("a transient failure may be tried again, another not; an abort is nobody's failure", async () => {
  const failing = (kind: 'transient' | 'invalid') => ({
    model: () => {
      throw new Failure(kind, 'model-unavailable', 'away');
    },
  });
  expect((await runEffect(llmNode, { prompt: 'x' }, {}, failing('transient'))).outcome).toEqual({
    status: 'failed',
    error: { code: 'model-unavailable', message: 'away', retryable: true },
  });
  expect((await runEffect(llmNode, { prompt: 'x' }, {}, failing('invalid'))).outcome).toMatchObject({ error: { retryable: false } });
  await expect(runEffect(llmNode, { prompt: 'x' }, {}, { ...failing('transient'), aborted: true })).rejects.toThrow('away');
});

test('one of prompt and messages is needed', () => {
  for (const config of [
    {},
    { prompt: 'a', messages: [{ role: 'user', content: 'b' }] },
    { system_prompt: 'a', messages: [{ role: 'user', content: 'b' }] },
    { prompt: 'a', temprature: 1 },
  ]) {
    expect(llmNode.config.safeParse(config).success).toBe(false);
  }
});
