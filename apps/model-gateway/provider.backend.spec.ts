import { expect, it } from 'vitest';
import { limitNamedFor } from './provider.backend.ts';

it("names the limit of an answer as the server knows it: OpenAI's own by its newer name", () => {
  const messages = [{ role: 'user' }];
  const named = (hostname: string, limit: object) => Object.keys(limitNamedFor(hostname, { messages, ...limit })).filter((name) => name !== 'messages');
  expect([named('api.openai.com', { max_tokens: 5 }), named('mine.openai.azure.com', { max_tokens: 5 }), named('notopenai.com', { max_tokens: 5 })]).toEqual([
    ['max_completion_tokens'],
    ['max_completion_tokens'],
    ['max_tokens'],
  ]);
  expect(limitNamedFor('api.openai.com', { messages, max_completion_tokens: 7 })).toEqual({ messages, max_completion_tokens: 7 });
  expect(limitNamedFor('api.openai.com', { messages })).toEqual({ messages });
});
