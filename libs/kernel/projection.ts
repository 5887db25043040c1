import type { EventEnvelope } from '@agent-platform/contracts/kit/index';

/** What a column can hold. Objects and arrays are stored as jsonb. */
export type Column = string | number | boolean | null | readonly unknown[] | { readonly [key: string]: unknown };

/**
 * One change of one row, as a value. `set` inserts the row or overwrites the named columns of it;
 * `remove` deletes it. Within a batch the changes of a row are merged, the later one winning by column.
 */
export type RowChange =
  | { readonly table: string; readonly key: Readonly<Record<string, string>>; readonly set: Readonly<Record<string, Column>> }
  | { readonly table: string; readonly key: Readonly<Record<string, string>>; readonly remove: true };

/** An event as projections see it: newest schema version, position known. */
export type LoggedEvent = Omit<EventEnvelope, 'position'> & { readonly position: number };

/**
 * A read model: a function of the event only (no clock, no random, no reads), so that a rebuild gives
 * byte-equal tables. `sql` is the text of the `.sql` file beside it: `create table` statements with
 * unqualified names, every table with its primary key. A new shape is a new `version`: it is built
 * beside the live one and swapped.
 */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly sql: string;
  /** Event types it lists; others are skipped. */
  readonly events: readonly string[];
  /** A method, so that it may ask for the types of its own events: the log holds what their contracts promised. */
  project(event: LoggedEvent): readonly RowChange[];
}
