import type { Column, RowChange } from '@agent-platform/kernel/index';

/** The changes of one row in a batch, merged. `columns` is null when the row ends up removed. */
export interface RowDelta {
  readonly key: Readonly<Record<string, string>>;
  /** True when the batch removed the row before it set these columns. */
  readonly replaced: boolean;
  readonly columns: Readonly<Record<string, Column>> | null;
}

/** Merges changes row by row, the later one winning by column, so that a batch touches each row once. */
export class RowBatch {
  readonly #tables = new Map<string, Map<string, RowDelta>>();

  add(changes: readonly RowChange[]): void {
    for (const change of changes) {
      const rows = this.#tables.get(change.table) ?? new Map<string, RowDelta>();
      this.#tables.set(change.table, rows);
      const id = JSON.stringify(Object.values(change.key));
      const before = rows.get(id);
      if ('remove' in change) rows.set(id, { key: change.key, replaced: true, columns: null });
      else rows.set(id, { key: change.key, replaced: before?.replaced ?? false, columns: { ...before?.columns, ...change.set } });
    }
  }

  get size(): number {
    let size = 0;
    for (const rows of this.#tables.values()) size += rows.size;
    return size;
  }

  *tables(): Iterable<readonly [table: string, rows: readonly RowDelta[]]> {
    for (const [table, rows] of this.#tables) yield [table, [...rows.values()]];
  }
}
