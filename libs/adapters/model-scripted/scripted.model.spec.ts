import { describe, expect, it } from 'vitest';
import { createScriptedModel, scriptFromYaml, type Script } from './index.ts';

const open = (script: Script) => {
  const model = createScriptedModel(script);
  const ask = (content: string, key = 'k', options: { model?: string; signal?: AbortSignal; onToken?: (text: string) => void } = {}) =>
    model.chat(
      { messages: [{ role: 'user', content }], ...(options.model !== undefined && { model: options.model }) },
      { key, signal: options.signal ?? new AbortController().signal, ...(options.onToken && { onToken: options.onToken }) },
    );
  return { model, ask };
};

describe('scripted model', () => {
  it('lets the first matching rule speak and remembers the calls', async () => {
    const { model, ask } = open(
      scriptFromYaml(`
        model: fake-1
        rules:
          - match: { contains: REFUND }
            text: billing
            usage: { prompt_tokens: 5, completion_tokens: 1 }
          - match: { regex: 'my name is (\\w+)' }
            text: Hello $1!
          - match: { model: big }
            text: from the big one
            usage: null
      `),
    );
    expect(await ask('a refund please')).toEqual({
      text: 'billing',
      model: 'fake-1',
      finish_reason: 'stop',
      usage: { prompt_tokens: 5, completion_tokens: 1 },
    });
    expect((await ask('my name is Ada')).text).toBe('Hello Ada!');
    expect(await ask('x', 'k2', { model: 'big' })).toMatchObject({ model: 'big', usage: null });
    await expect(ask('nothing')).rejects.toMatchObject({ kind: 'invalid', code: 'model-no-rule' });
    expect(model.calls.map(({ key, rule }) => [key, rule])).toEqual([
      ['k', 0],
      ['k', 1],
      ['k2', 2],
      ['k', null],
    ]);
  });

  it('fails as often as told, then succeeds, counted by key, by messages or by rule', async () => {
    const outcomes = async (per: 'key' | 'messages' | 'rule', keys: string[]) => {
      const { ask } = open({ rules: [{ text: 'ok', error: { times: 2, per, retry_after_seconds: 3 } }] });
      const seen: string[] = [];
      for (const key of keys)
        seen.push(
          await ask('same', key).then(
            ({ text }) => text,
            (error: { retryAfterSeconds: number }) => `wait ${error.retryAfterSeconds}`,
          ),
        );
      return seen.join(', ');
    };
    expect(await outcomes('key', ['a', 'a', 'a', 'b'])).toBe('wait 3, wait 3, ok, wait 3');
    expect(await outcomes('messages', ['a', 'b', 'c'])).toBe('wait 3, wait 3, ok');
    expect(await outcomes('rule', ['a', 'b', 'a'])).toBe('wait 3, wait 3, ok');
  });

  it('streams pieces that join to the text, and can break off', async () => {
    const shown: string[] = [];
    const onToken = (text: string) => shown.push(text);
    await open({ rules: [{ text: 'one two  three' }] }).ask('x', 'k', { onToken });
    expect(shown).toEqual(['one', ' two', '  three']);
    shown.length = 0;
    const cut = open({ rules: [{ text: 'one two three', error: { code: 'model-stream-cut', after_tokens: 2 } }] });
    await expect(cut.ask('x', 'k', { onToken })).rejects.toMatchObject({ kind: 'transient', code: 'model-stream-cut' });
    expect(shown).toEqual(['one', ' two']);
  });

  it('ends a delay at the signal', async () => {
    const controller = new AbortController();
    const running = open({ rules: [{ text: 'x', delay_ms: 60_000 }] }).ask('x', 'k', { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ kind: 'transient', code: 'model-aborted' });
  });

  it('names what is wrong in a script', () => {
    expect(() => scriptFromYaml('rules: []')).toThrow('rules');
    expect(() => scriptFromYaml('rules: [{ texd: x }]')).toThrow('texd');
    expect(() => scriptFromYaml("rules: [{ match: { regex: '(' } }]")).toThrow('regular expression');
  });
});
