import type { SourceType } from '@agent-platform/contracts/document/document.events';

/** What a document is made of, and what is said about it. */
export interface DocumentSource {
  readonly bytes: Uint8Array;
  /** What whoever gave it calls it, e.g. `text/html; charset=utf-8`; null: nothing was said. */
  readonly media_type: string | null;
  /** Name of the file, or the last part of its address; null: it has none. */
  readonly name: string | null;
  /** The type that it has to be; null: found out. */
  readonly source_type: SourceType | null;
  /** What text is when nothing says more; absent: plain text. */
  readonly otherwise?: SourceType;
}

/** The text of a document. */
export interface Extraction {
  readonly source_type: SourceType;
  /** Markdown where the source has structure; well-formed, without NUL, lines end with `\n`. */
  readonly text: string;
  /** Where each page begins in `text` (UTF-16 places); null: the source has no pages. */
  readonly pages: readonly number[] | null;
  /** Names how the text was taken out: the same version takes the same text out of the same bytes. */
  readonly extractor: string;
}

/** Documents that a reindex of their base concerns, in the order of their ids: those behind `after`, at most `limit`. */
export interface DocumentPage {
  readonly workspace_id: string;
  readonly knowledge_base_id: string;
  readonly reindex_id: string;
  readonly after: string | null;
  readonly limit: number;
}

/**
 * Files of documents, their texts, and which documents a base has. Throws Failure: invalid `file-empty`, `file-too-large`, `file-type`, `file-encoding`,
 * `file-encrypted`, `file-damaged`, `file-no-text`, `file-too-complex` (took more time, memory or text than allowed), whose
 * `errors` name field, rule and remedy; missing `file-missing`; transient `extract-unavailable`, `extract-aborted`.
 */
export interface DocumentsPort {
  /** Keeps bytes, once per workspace, for a holder: a document by its id, or `upload/<id>`. Returns their SHA-256 in hex. Never changes what is there. */
  keep(workspaceId: string, holder: string, bytes: Uint8Array): Promise<string>;
  /** A file that is there already gets another holder. */
  hold(workspaceId: string, holder: string, sha256: string): Promise<void>;
  /** A holder lets go of its files but one; those that it has taken after `before` (null: now) stay. What nobody holds is gone then. */
  release(workspaceId: string, holder: string, which: { readonly except: string | null; readonly before: string | null }): Promise<void>;
  load(workspaceId: string, sha256: string): Promise<Uint8Array>;
  /** Ids of documents of a base. Waits until all are known that were added before the reindex was asked for. */
  list(page: DocumentPage, options: { readonly signal: AbortSignal }): Promise<readonly string[]>;
  /** Takes the text out. Runs outside of the event loop of this process, with limits of time and memory. */
  extract(source: DocumentSource, options: { readonly signal: AbortSignal }): Promise<Extraction>;
}
