import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { createCachedBackend } from './cached.backend.ts';
import { OpenAiError } from './openai.error.ts';

describe('equal requests at once', () => {
  /** A model that is asked by hand: each call waits until it is answered, or its caller has gone. */
  const held = () => {
    const asked: { answer(given: Partial<BackendAnswer>): void; fail(error: Error): void; readonly signal: AbortSignal }[] = [];
    const chat: Backend['chat'] = (_body, { signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<BackendAnswer>();
      signal.addEventListener('abort', () => reject(new OpenAiError(499, 'client_closed', 'gone')));
      asked.push({ signal, answer: (given) => resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}', ...given }), fail: reject });
      return promise;
    };
    const backend = createCachedBackend({ defaultModel: 'm', chat } as Backend, {});
    const ask = (signal = new AbortController().signal, more: object = {}, workspace_id = 'w') =>
      backend.chat({ messages: [{ role: 'user', content: 'x' }], ...more }, { signal, cacheSeconds: 60, label: { workspace_id } } as BackendCall);
    return { asked, ask };
  };
  const shown = async (asking: Promise<BackendAnswer>) => {
    const { from = 'model', body, headers } = await asking;
    return [from, headers['x-cache'], typeof body === 'string' ? body : await text(body)];
  };

  it('are one call: the others get its answer, whole or streamed, and other requests or workspaces are not among them', async () => {
    const { asked, ask } = held();
    const all = [ask(), ask(), ask(), ask(undefined, { top_p: 1 }), ask(undefined, {}, 'other')];
    expect(asked).toHaveLength(3);
    for (const [at, one] of asked.entries()) one.answer({ body: `"${at}"` });
    expect(await Promise.all(all.map(shown))).toEqual([
      ['model', 'miss', '"0"'],
      ['cache', 'hit', '"0"'],
      ['cache', 'hit', '"0"'],
      ['model', 'miss', '"1"'],
      ['model', 'miss', '"2"'],
    ]);

    const [first, second] = [ask(undefined, { stream: true }), ask(undefined, { stream: true })];
    const stream = new PassThrough();
    asked[3]?.answer({ body: stream, headers: { 'content-type': 'text/event-stream' } });
    // Nobody reads the first one yet: a slow caller holds up nobody else.
    await first;
    stream.end(`data: ${'x'.repeat(500_000)}\n\ndata: [DONE]\n\n`);
    const answers = [await shown(second), await shown(first)];
    expect(answers.map(([from, cache, body]) => [from, cache, body?.length])).toEqual([
      ['cache', 'hit', 500_022],
      ['model', 'miss', 500_022],
    ]);
    expect(asked).toHaveLength(4);
  });

  it('are one call still when the first caller leaves: the next one asks, before the answer or inside of it', async () => {
    const { asked, ask } = held();
    const leaving = new AbortController();
    const left = ask(leaving.signal).catch((error: unknown) => error);
    const rest = [ask(), ask()];
    leaving.abort();
    expect(await left).toMatchObject({ code: 'client_closed' });
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.answer({ body: '"again"' });
    expect(await Promise.all(rest.map(shown))).toEqual([
      ['model', 'miss', '"again"'],
      ['cache', 'hit', '"again"'],
    ]);

    const inside = new AbortController();
    const [begun, waiting] = [ask(inside.signal, { stream: true }), ask(undefined, { stream: true })];
    const stream = new PassThrough();
    asked[2]?.answer({ body: stream });
    const { body } = await begun;
    inside.abort();
    stream.destroy(new Error('gone'));
    await expect.poll(() => asked.length).toBe(4);
    expect(body).toHaveProperty('destroyed', true);
    asked[3]?.answer({ body: 'data: [DONE]' });
    expect(await shown(waiting)).toEqual(['model', 'miss', 'data: [DONE]']);
  });

  it('are answered once, but not with what was cut short because little was left of a budget', async () => {
    const { asked, ask } = held();
    const all = [ask(), ask()];
    asked[0]?.answer({ body: '{"finish_reason": "length"}', headers: { 'x-max-tokens': '1024' } });
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.answer({ body: '{"finish_reason": "stop"}', headers: { 'x-max-tokens': '1024' } });
    expect((await Promise.all(all.map(shown))).map(([from]) => from)).toEqual(['model', 'model']);
    expect((await shown(ask()))[0]).toBe('cache');
  });

  it('ask for themselves when the first one fails, and who leaves while waiting waits no more', async () => {
    const { asked, ask } = held();
    const leaving = new AbortController();
    const [first, second, third] = [ask().catch((error: unknown) => error), ask(), ask(leaving.signal).catch((error: unknown) => error)];
    leaving.abort();
    expect(await third).toMatchObject({ code: 'client_closed' });
    asked[0]?.fail(new OpenAiError(402, 'budget_exceeded', 'no'));
    expect(await first).toMatchObject({ code: 'budget_exceeded' });
    await expect.poll(() => asked.length).toBe(2);
    const [fourth] = [ask()];
    expect(asked).toHaveLength(3);
    asked[1]?.answer({ status: 500 });
    asked[2]?.answer({});
    expect([(await second).status, (await fourth)?.status]).toEqual([500, 200]);
  });
});
