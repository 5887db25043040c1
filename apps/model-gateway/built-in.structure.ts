import { randomUUID } from 'node:crypto';
import { countTokens, OFFLINE_MODEL, structuredReply, type StructuredReply } from '@agent-platform/adapter-model-offline';
import type { ModelPort } from '@agent-platform/ports/model.port';
import { toLocalRequest, type ChatCompletionBody } from './chat.request.ts';

type ToolReply = Extract<StructuredReply, { kind: 'tool' }>;

/** What the offline model answers to a request for tools or JSON; null: a text is wanted. */
export function offlineStructure(body: ChatCompletionBody): StructuredReply | null {
  if (!body['tools'] && !body['response_format']) return null;
  const last = toLocalRequest(body).messages.at(-1);
  return last ? structuredReply(body, last) : null;
}

/** A model that says what was already decided. */
export const speaker = (text: string): ModelPort => ({
  async chat(request, { onToken }) {
    onToken?.(text);
    return { text, model: OFFLINE_MODEL, finish_reason: 'stop', usage: usageOf(request.messages, text) };
  },
});

/** A call of a tool as an OpenAI message has it. */
export const toolCallOf = (reply: ToolReply) => ({
  id: `call_${randomUUID().replaceAll('-', '')}`,
  type: 'function' as const,
  function: { name: reply.name, arguments: reply.arguments },
});

/** Tokens of a request and its reply. */
export const toolUsage = (body: ChatCompletionBody, reply: ToolReply) => {
  const usage = usageOf(toLocalRequest(body).messages, reply.arguments);
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
};

const usageOf = (messages: readonly { readonly content: string }[], text: string) => ({
  prompt_tokens: messages.reduce((sum, { content }) => sum + countTokens(content), 0),
  completion_tokens: countTokens(text),
});
