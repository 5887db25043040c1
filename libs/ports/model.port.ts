export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

export interface ChatRequest {
  /** Absent: the gateway's default model. */
  readonly model?: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly max_tokens?: number;
  /** How long the reply may be given again to the same request of the workspace; absent: as the gateway has it for the model. */
  readonly cache_seconds?: number;
}

export interface ChatResult {
  readonly text: string;
  readonly model: string;
  readonly finish_reason: string;
  /** Tokens as the provider counted them; null when it did not say. */
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  /** The reply was given before: no model was asked. */
  readonly cached?: true;
  /** Characters of the reply that could not be stored: NUL taken out, lone surrogates replaced; absent when none. */
  readonly replaced_chars?: number;
}

/** Whose call it is, for usage. */
export interface CallOrigin {
  readonly workspace_id: string;
  readonly run_id?: string;
  readonly skill_run_id?: string;
  readonly node_id?: string;
  readonly agent_id?: string;
}

/** What a call is given besides its request. */
export interface ChatOptions {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onToken?: (text: string) => void;
  readonly origin?: CallOrigin;
}

export interface RerankRequest {
  /** Absent: the gateway says which. */
  readonly model?: string;
  readonly query: string;
  readonly documents: readonly string[];
}

export interface RerankResult {
  readonly model: string;
  /** How well each document answers, in the order of the request, mostly 0 to 1; null where the model said nothing of it. */
  readonly scores: readonly (number | null)[];
}

/** A reranking model behind a gateway. Throws Failure as `ModelPort` does. Never retries. */
export interface RerankPort {
  rerank(request: RerankRequest, options: Omit<ChatOptions, 'onToken'>): Promise<RerankResult>;
}

/** A language model behind a gateway. Throws Failure: transient (429, 5xx, cut stream), invalid (4xx), fault. Never retries. */
export interface ModelPort {
  chat(request: ChatRequest, options: ChatOptions): Promise<ChatResult>;
}
