/** What makes vectors comparable: only those of one provider, model and length mean the same by a direction. */
export interface EmbeddingSpace {
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
}

export interface Embedding {
  /** One vector per text, in the order of the texts, each of length 1 (so that the dot product is the cosine). */
  readonly vectors: readonly (readonly number[])[];
  /** Where the vectors lie. Never compare them with those of another space. */
  readonly space: EmbeddingSpace;
  /** The wanted provider failed, and another made these: why. Absent when the wanted one did. */
  readonly fallback?: { readonly code: string; readonly message: string };
}

/**
 * Texts to vectors. All vectors of one answer lie in one space. No text: no vector, and no call. Throws Failure:
 * transient `embedding-unreachable`, `embedding-timeout`, `embedding-rate-limited`, `embedding-unavailable`,
 * `embedding-bad-answer`, `embedding-aborted`, `embedding-model-died`; invalid `embedding-refused`, `embedding-model-missing`. Never retries.
 */
export interface EmbeddingPort {
  embed(texts: readonly string[], options: { readonly signal: AbortSignal }): Promise<Embedding>;
}

/** Name of a space, as it is kept beside vectors: `local/hash-v1/384`. */
export const spaceName = ({ provider, model, dimensions }: EmbeddingSpace): string => `${provider}/${model}/${dimensions}`;
