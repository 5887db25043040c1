import type { JsonValue } from '@agent-platform/contracts/kit/index';

/** One statement for a database that the operator lists by name. */
export interface DatabaseQuery {
  readonly workspace_id: string;
  readonly connection: string;
  /** One statement; values are `$1`, `$2` … and never part of it. */
  readonly sql: string;
  readonly parameters: readonly JsonValue[];
  /** `write` is refused unless the operator allows it for this connection. */
  readonly mode: 'read' | 'write';
  readonly max_rows: number;
  readonly timeout_ms: number;
  /** Value of a named secret of the workspace, which the address of the connection may need; null when there is none. */
  readonly secretOf: (name: string) => Promise<string | null>;
}

export interface DatabaseAnswer {
  readonly columns: readonly string[];
  /** At most `max_rows`, and at most what the connection's size limit lets through. */
  readonly rows: readonly { readonly [column: string]: JsonValue }[];
  /** Rows that the statement gave or changed; null when nobody counted. */
  readonly row_count: number | null;
  /** There were more rows than these. */
  readonly truncated: boolean;
}

/**
 * Databases for tools. Reads run in a read-only transaction that is rolled back, writes in one that is committed. Throws
 * Failure: invalid `database-not-configured`, `secret-missing`, `database-query-failed`; denied `database-write-denied`,
 * `database-read-only` (the statement writes); transient `database-timeout`, `database-conflict` (rolled back),
 * `database-unreachable`, `database-aborted`. `sent` on the cause says whether a write may have been committed.
 */
export interface DatabasePort {
  query(query: DatabaseQuery, options: { readonly signal: AbortSignal }): Promise<DatabaseAnswer>;
}
