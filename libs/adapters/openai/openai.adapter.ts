import OpenAI from 'openai';
import { Stream } from 'openai/streaming';
import type { CallOrigin, ChatRequest, ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import { CallClock } from './call.clock.ts';
import { CompletionReader } from './completion.reader.ts';
import { toModelFailure } from './provider.failure.ts';
import { readScores } from './rerank.reader.ts';

export interface OpenAiModelConfig {
  /** Where `/chat/completions` lies below, e.g. `http://127.0.0.1:8001/models` or `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Empty or absent: requests carry no Authorization header, as local providers want it. */
  readonly apiKey?: string;
  /** Model of requests that name none. Absent: they go out without one, and the model gateway puts its own in. */
  readonly defaultModel?: string;
  /** Whole call, in milliseconds. Default 300,000. */
  readonly timeoutMs?: number;
  /** Longest silence before the first and between two tokens, in milliseconds. Default 120,000. */
  readonly silenceMs?: number;
  /** Longest reply, in UTF-16 units. Default 500,000. */
  readonly replyChars?: number;
}

/**
 * A model behind any OpenAI-compatible `/chat/completions`. Always streams, so that tokens can be shown while they
 * are written and a reply that breaks off is noticed; a provider that answers with one JSON document instead is
 * understood too. Reranking models are asked at `/rerank`. The effect's key goes out as `Idempotency-Key`. One call is one request: nothing is retried here.
 */
export function createOpenAiModel(config: OpenAiModelConfig): ModelPort & RerankPort {
  const { timeoutMs = 300_000, silenceMs = 120_000, replyChars = 500_000 } = config;
  const client = new OpenAI({
    baseURL: config.baseUrl,
    apiKey: config.apiKey || 'none',
    maxRetries: 0,
    timeout: timeoutMs,
    // Explicit, so that variables of the environment meant for other programs have no influence.
    organization: null,
    project: null,
    logLevel: 'off',
    ...(!config.apiKey && { defaultHeaders: { Authorization: null } }),
  });

  return {
    async chat(request, { key, signal, onToken, origin }) {
      const clock = new CallClock(signal, timeoutMs, silenceMs);
      const model = request.model ?? config.defaultModel;
      let streaming = false;
      try {
        // Not `chat.completions.create`: its types insist on a model.
        const response = await client
          .post('/chat/completions', {
            body: toBody(request, model),
            headers: {
              'Idempotency-Key': key,
              ...labels(origin),
              ...(request.cache_seconds !== undefined && { 'X-Cache-Seconds': `${request.cache_seconds}` }),
            },
            signal: clock.controller.signal,
            stream: true,
          })
          .asResponse();
        streaming = true;
        const reader = new CompletionReader(model ?? 'default', replyChars, onToken);
        if (response.headers.get('content-type')?.includes('application/json')) {
          reader.takeWhole(await response.json());
        } else {
          for await (const chunk of Stream.fromSSEResponse<unknown>(response, clock.controller, client)) {
            clock.heard();
            reader.take(chunk);
          }
        }
        // A stream that was stopped ends without an error: without this it would count as cut, and be tried again.
        clock.controller.signal.throwIfAborted();
        return { ...reader.result(), ...(response.headers.get('x-cache') === 'hit' && { cached: true as const }) };
      } catch (error) {
        const call = { stopped: clock.stopped, streaming, now: Date.now() };
        clock.controller.abort();
        throw toModelFailure(error, call);
      } finally {
        clock.end();
      }
    },
    async rerank({ model, query, documents }, { key, signal, origin }) {
      const body = { ...(model !== undefined && { model }), query, documents, top_n: documents.length };
      try {
        const answer = await client.post('/rerank', { body, headers: { 'Idempotency-Key': key, ...labels(origin) }, signal });
        return readScores(answer, { model, count: documents.length });
      } catch (error) {
        throw toModelFailure(error, { stopped: signal.aborted ? 'caller' : null, streaming: false, now: Date.now() });
      }
    },
  };
}

/** How the model gateway learns whose call it is; providers get none of it. */
const labels = (origin: CallOrigin | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(origin ?? {}).map(([name, value]) => [`x-${name.replaceAll('_', '-')}`, String(value)]));

const toBody = (request: ChatRequest, model: string | undefined) => ({
  ...(model !== undefined && { model }),
  // A tool's answer reaches the model as what a user says: the platform keeps no provider's tool-call ids.
  messages: request.messages.map(({ role, content }) => ({ role: role === 'tool' ? 'user' : role, content })),
  stream: true,
  stream_options: { include_usage: true },
  ...(request.temperature !== undefined && { temperature: request.temperature }),
  ...(request.max_tokens !== undefined && { max_tokens: request.max_tokens }),
});
