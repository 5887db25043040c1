/** What one member of a document's metadata has to be; `field` is its path, with dots. */
export interface MetadataCondition {
  readonly field: string;
  readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'not_in' | 'contains' | 'exists';
  readonly value?: unknown;
}

/** A search in one base of one workspace; ids and limits as the contract has them. */
export interface KnowledgeQuery {
  readonly workspace_id: string;
  readonly knowledge_base_id: string;
  readonly query: string;
  readonly top_k: number;
  /** How much places by vector and by words count; absent: as the base says, or the usual weights. */
  readonly weights?: { readonly vector: number; readonly keyword: number } | undefined;
  /** Whether a model orders what was found: as the base says when absent, with its setting or the defaults when true. */
  readonly rerank?: boolean | { readonly method: 'chat' | 'rerank'; readonly model?: string | undefined; readonly candidates: number } | undefined;
  readonly filters: {
    readonly document_ids?: readonly string[] | undefined;
    readonly source_type?: string | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
    readonly where?: readonly MetadataCondition[] | undefined;
  };
}

/** A found chunk: where it is, what it says, and how well it fits. A score is null where it was not found that way. */
export interface KnowledgeHit {
  readonly chunk_id: string;
  readonly document_id: string;
  readonly title: string;
  /** Which index of the document the chunk belongs to. */
  readonly index_version: number;
  readonly position: number;
  readonly start: number;
  readonly end: number;
  readonly heading: string | null;
  /** Page on which it begins, from 1; null: the document has no pages. */
  readonly page: number | null;
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Postgres' rank of the shared words, 0 to 1. */
  readonly keyword_score: number | null;
  /** Cosine of the vectors of query and chunk, -1 to 1. */
  readonly vector_score: number | null;
  /** Weighted reciprocal rank fusion of both, 0 to 1. */
  readonly score: number;
  /** How well it fits by a model that read it, 0 to 1: what the answer is ordered by, when there is one. */
  readonly rerank_score?: number | null;
}

export interface KnowledgeAnswer {
  readonly hits: readonly KnowledgeHit[];
  readonly embedding: {
    /** Only vectors of this space were compared. */
    readonly space: string;
    readonly fallback_used: boolean;
    readonly fallback_reason: string | null;
    /** The base has chunks of other spaces: they were found by their words only. */
    readonly other_spaces: boolean;
  };
  /** What became of the order by a model; absent: nobody asked for it. */
  readonly rerank?: {
    readonly applied: boolean;
    readonly model: string | null;
    readonly candidates: number;
    /** Why it was not applied. */
    readonly reason: string | null;
  };
  /** The weights that counted, where they are not the usual ones. */
  readonly weights?: { readonly vector: number; readonly keyword: number };
  readonly vector_search: 'pgvector-index' | 'pgvector-exact' | 'scan' | 'none';
  readonly duration_ms: number;
}

export interface SearchOptions {
  readonly signal: AbortSignal;
  /** Names the search to models, so that one that is repeated after a crash is known again. */
  readonly key?: string;
  readonly run_id?: string;
}

/**
 * Finds chunks by meaning and by words. Throws Failure: missing `knowledge-base-not-found`, conflict
 * `knowledge-base-archived`, and what the embeddings throw (`EmbeddingPort`).
 */
export interface KnowledgePort {
  search(query: KnowledgeQuery, options: SearchOptions): Promise<KnowledgeAnswer>;
}

/** What is recorded of a search (`retrieval.record`): the question, the circumstances, and the hits without their texts. */
export function recordOf({ workspace_id: _, rerank: _asked, ...query }: KnowledgeQuery, { hits, ...answer }: KnowledgeAnswer, run_id: string | null) {
  const found = hits.map(({ text: _text, metadata: _metadata, start: _start, end: _end, heading: _heading, ...hit }) => hit);
  return { ...query, ...answer, hits: found, run_id };
}
