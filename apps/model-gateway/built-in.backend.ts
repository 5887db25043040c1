import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { OFFLINE_MODEL, type StructuredReply } from '@agent-platform/adapter-model-offline';
import type { ChatResult, ModelPort } from '@agent-platform/ports/model.port';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { BUILT_IN_PROVIDER } from './served.ts';
import { embedHere, type Embedders, loadEmbedders } from './built-in.embeddings.ts';
import { rerankHere } from './built-in.rerank.ts';
import { speaker, toolCallOf, toolUsage } from './built-in.structure.ts';
import { toLocalRequest, type ChatCompletionBody } from './chat.request.ts';
import { toOpenAiError } from './openai.error.ts';

const json = (body: unknown): BackendAnswer => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Answers instead of the model what is not a text; null: the model answers. */
export type Structure = (body: ChatCompletionBody) => StructuredReply | null;

/** Serves a model of this process in OpenAI's form. `name` is what it is called in the list of models. */
export function createBuiltInBackend(model: ModelPort, name: string, structure: Structure = () => null): Backend {
  // Loaded with the first request that is about them.
  let loading: Promise<Embedders> | undefined;
  const embedders = () => (loading ??= loadEmbedders());
  return {
    name: 'built-in',
    defaultModel: name,
    targets: () => [{ provider: BUILT_IN_PROVIDER, model: name }],
    async chat(body, call) {
      const reply = structure(body);
      if (reply?.kind === 'tool') return toolAnswer(reply, body);
      const speaking = reply ? speaker(reply.text) : model;
      return body.stream ? stream(speaking, name, body, call) : whole(speaking, name, body, call);
    },
    embeddings: async (body, { signal }) => json(await embedHere(await embedders(), body, signal)),
    rerank: async (body, { signal }) => json(await rerankHere(await embedders(), body, signal)),
    async models() {
      const names = [name, ...Object.keys(await embedders())];
      return json({ object: 'list', data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'agent-platform' })) });
    },
    close: () => Promise.resolve(),
  };
}

const ask = (model: ModelPort, name: string, body: ChatCompletionBody, { key, signal }: BackendCall, onToken?: (text: string) => void) =>
  model.chat({ ...toLocalRequest(body), model: body.model || name }, { key: key ?? randomUUID(), signal, ...(onToken && { onToken }) });

const frame = (object: string) => ({ id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000) });

/** One call of a tool, whole or as the one chunk of a stream. */
function toolAnswer(reply: Extract<StructuredReply, { kind: 'tool' }>, body: ChatCompletionBody): BackendAnswer {
  const call = toolCallOf(reply);
  const usage = toolUsage(body, reply);
  const message = { role: 'assistant', content: null };
  if (!body.stream) {
    const choices = [{ index: 0, message: { ...message, tool_calls: [call] }, logprobs: null, finish_reason: 'tool_calls' }];
    return json({ ...frame('chat.completion'), model: OFFLINE_MODEL, choices, usage });
  }
  const head = { ...frame('chat.completion.chunk'), model: OFFLINE_MODEL };
  const chunks = [
    { ...head, choices: [{ index: 0, delta: { ...message, tool_calls: [{ index: 0, ...call }] }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    ...(body.stream_options?.include_usage ? [{ ...head, choices: [], usage }] : []),
  ];
  const text = `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: text };
}

const usageOf = ({ usage }: ChatResult) => usage && { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };

async function whole(model: ModelPort, name: string, body: ChatCompletionBody, call: BackendCall): Promise<BackendAnswer> {
  const result = await ask(model, name, body, call);
  const message = { role: 'assistant', content: result.text };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: result.finish_reason }];
  return json({ ...frame('chat.completion'), model: result.model, choices, usage: usageOf(result) });
}

/** Answers as soon as the first token is there, so that a failure before it still gets its own status. */
function stream(model: ModelPort, name: string, body: ChatCompletionBody, call: BackendCall): Promise<BackendAnswer> {
  const head = { ...frame('chat.completion.chunk'), model: body.model || name };
  const out = new PassThrough();
  const send = (choices: readonly object[], more: object = {}) => out.write(`data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`);
  return new Promise((resolve, reject) => {
    let begun = false;
    const begin = () => {
      if (begun) return;
      begun = true;
      send([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);
      resolve({ status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: out });
    };
    ask(model, name, body, call, (content) => {
      begin();
      send([{ index: 0, delta: { content }, finish_reason: null }]);
    }).then(
      (result) => {
        begin();
        const model = { model: result.model };
        send([{ index: 0, delta: {}, finish_reason: result.finish_reason }], model);
        if (body.stream_options?.include_usage) send([], { ...model, usage: usageOf(result) });
        out.end('data: [DONE]\n\n');
      },
      // With the status gone out, the failure comes as an event, and no [DONE] follows: clients take it for what it is.
      (error: Error) => (begun ? out.end(`data: ${JSON.stringify(toOpenAiError(error).body)}\n\n`) : reject(error)),
    );
  });
}
