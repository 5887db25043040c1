/**
 * A read of a read model, as data. The runtime turns it into SQL, always inside the caller's workspace.
 * Columns have the names of the view's fields, so no mapping is needed.
 */
export type Query =
  | {
      readonly kind: 'get';
      readonly projection: string;
      readonly table: string;
      /** Parameter name to key column. */
      readonly key: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'list';
      readonly projection: string;
      readonly table: string;
      /** Parameter name to condition; a parameter that is absent filters nothing. */
      readonly filters: Readonly<Record<string, { column: string; op: 'eq' | 'search' | 'from' | 'to' }>>;
      /** Total order of the list: these columns together are unique within a workspace. */
      readonly order: readonly { column: string; direction: 'asc' | 'desc' }[];
    };

/** Filters that compare columns with the parameters of the same names. */
export const equal = (...columns: readonly string[]): Readonly<Record<string, { column: string; op: 'eq' }>> =>
  Object.fromEntries(columns.map((column) => [column, { column, op: 'eq' }]));

/** The order of most lists: by time, and then by what makes it total. */
export const newestFirst = (...columns: readonly string[]): readonly { column: string; direction: 'desc' }[] =>
  columns.map((column) => ({ column, direction: 'desc' }));
