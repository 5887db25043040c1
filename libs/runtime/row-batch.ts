import type { Column, RowChange } from '@agent-platform/kernel/index';

/** The changes of one row in a batch, merged. `row` (key and columns) is null when it ends up removed. */
export interface RowDelta {
  readonly key: Readonly<Record<string, string>>;
  /** True when the batch removed the row before it set these columns. */
  readonly replaced: boolean;
  readonly row: Readonly<Record<string, Column>> | null;
}

/** The same while it is being merged: the batch owns the row, so it is written in place. */
interface Merging extends RowDelta {
  replaced: boolean;
  row: Record<string, Column> | null;
}

/** Merges changes row by row, the later one winning by column, so that a batch touches each row once. */
export class RowBatch {
  readonly #tables = new Map<string, Map<string, Merging>>();

  add(changes: readonly RowChange[]): void {
    for (const change of changes) {
      let rows = this.#tables.get(change.table);
      if (!rows) this.#tables.set(change.table, (rows = new Map()));
      const id = Object.values(change.key).join('\n');
      const before = rows.get(id);
      if ('remove' in change) rows.set(id, { key: change.key, replaced: true, row: null });
      else if (before?.row) Object.assign(before.row, change.set);
      else rows.set(id, { key: change.key, replaced: before?.replaced ?? false, row: { ...change.key, ...change.set } });
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
