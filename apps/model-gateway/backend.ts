import type { Readable } from 'node:stream';
import type { Hold } from './budget.keeper.ts';
import type { CallLabel } from './call.label.ts';
import type { ChatCompletionBody, EmbeddingsBody, RerankBody } from './chat.request.ts';
import type { Served } from './served.ts';

export interface BackendCall {
  /** The caller's `Idempotency-Key`. */
  readonly key: string | undefined;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  readonly label: CallLabel;
  /** How long the answer may be given again, in seconds; 0: not at all; undefined: as the request or the model has it. */
  readonly cacheSeconds: number | undefined;
}

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | string;
  /** Who answered, where there was a choice. */
  readonly served?: Served;
  /** Where it came from without a model being asked. */
  readonly from?: 'cache' | 'recording';
  /** What budgets hold back for it; settled when the answer has ended. */
  readonly hold?: Hold;
}

/** Who answers behind the gateway. Throws OpenAiError or Failure; a stream that breaks off later ends with an error. */
export interface Backend {
  readonly name: 'provider' | 'built-in';
  /** Model of requests that name none. */
  readonly defaultModel: string;
  /** Who may be asked for a model, in this order; none for one that is not known. */
  targets(model: string): readonly Served[];
  chat(body: ChatCompletionBody, call: BackendCall): Promise<BackendAnswer>;
  embeddings(body: EmbeddingsBody, call: BackendCall): Promise<BackendAnswer>;
  rerank(body: RerankBody, call: BackendCall): Promise<BackendAnswer>;
  models(call: BackendCall): Promise<BackendAnswer>;
  close(): Promise<void>;
}
