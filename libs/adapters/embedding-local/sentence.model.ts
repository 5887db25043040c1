/** Dimensions of the model's vectors. */
export const DIMENSIONS = 512;

/** A model that reads short texts, one call at a time. */
export interface SentenceModel {
  /** Why it can't be used on this machine, with the remedy; null when it can, as far as one knows before its first use. */
  readonly missing: string | null;
  /** The vectors, one after the other, in the order of the texts. Throws Failure transient `embedding-model-died`. */
  encode(texts: readonly string[]): Promise<Float32Array>;
}

/** What the worker is asked, and what it answers. */
export interface Asked {
  readonly texts: readonly string[];
}
export interface Answered {
  readonly vectors: Float32Array<ArrayBuffer>;
}
