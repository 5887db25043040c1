import type { Readable } from 'node:stream';
import type { ChatCompletionBody, EmbeddingsBody } from './chat.request.ts';

export interface BackendCall {
  /** The caller's `Idempotency-Key`. */
  readonly key: string | undefined;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | string;
  /** Who answered, where there was a choice. */
  readonly served?: { readonly provider: string; readonly model: string };
}

/** Who answers behind the gateway. Throws OpenAiError or Failure; a stream that breaks off later ends with an error. */
export interface Backend {
  readonly name: 'provider' | 'built-in';
  /** Model of requests that name none. */
  readonly defaultModel: string;
  chat(body: ChatCompletionBody, call: BackendCall): Promise<BackendAnswer>;
  embeddings(body: EmbeddingsBody, call: BackendCall): Promise<BackendAnswer>;
  models(call: BackendCall): Promise<BackendAnswer>;
  close(): Promise<void>;
}
