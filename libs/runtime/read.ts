import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { Failure, type Query } from '@agent-platform/kernel/index';
import { liveSchema } from './read-models.ts';

/** Parameters of a read as its contract parsed them. */
export type ReadParams = Readonly<Record<string, unknown>> & { readonly limit?: number; readonly cursor?: string; readonly total?: 'true' | 'false' };

export interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next_cursor: string | null;
  /** Log position that the answer reflects. */
  readonly position: number;
  /** Rows that match the filters, on this and all other pages; only when asked for. */
  readonly total?: number;
}

const Row = z.record(z.string(), z.unknown());
const Total = z.object({ total: z.number() });
const PositionRow = z.object({ position: z.number() });
const Cursor = z.array(z.string()).min(1);

/** Log position that a projection's tables reflect now. */
export async function positionOfProjection(db: CommonQueryMethods, projection: string): Promise<number> {
  const row = await db.maybeOne(sql.type(PositionRow)`
    select position::float8 as position from read_models.projections where name = ${projection} and state = 'live'`);
  return row?.position ?? 0;
}

/** One row inside a workspace; null when there is none. */
export async function readOne(
  db: CommonQueryMethods,
  query: Extract<Query, { kind: 'get' }>,
  workspaceId: string,
  params: ReadParams,
): Promise<Readonly<Record<string, unknown>> | null> {
  const conditions = Object.entries(query.key).map(([param, column]) => sql.fragment`and ${sql.identifier([column])} = ${String(params[param])}`);
  return db
    .maybeOne(sql.type(Row)`
    select ${JSON_ROW} from ${table(query)} r where workspace_id = ${workspaceId} ${sql.join(conditions, sql.fragment` `)}`)
    .then((row) => (row ? shownAs(row['row']) : null));
}

/** A page of rows inside a workspace, by keyset: as fast on the last page as on the first. */
export async function readPage(db: CommonQueryMethods, query: Extract<Query, { kind: 'list' }>, workspaceId: string, params: ReadParams): Promise<Page> {
  const limit = params.limit ?? 50;
  // Read before the rows: what is shown reflects at least this position.
  const position = await positionOfProjection(db, query.projection);
  const matching = filters(query, params);
  const conditions = [...matching, ...(params.cursor === undefined ? [] : [after(query, params.cursor)])];
  const order = query.order.map(
    ({ column, direction }) => sql.fragment`${sql.identifier(['r', column])} ${direction === 'asc' ? sql.fragment`asc` : sql.fragment`desc`}`,
  );
  const keys = query.order.map(({ column }) => sql.fragment`${sql.identifier(['r', column])}::text`);
  const rows = await db.any(sql.type(Row)`
    select ${JSON_ROW}, array[${sql.join(keys, sql.fragment`, `)}] as key
    from ${table(query)} r where workspace_id = ${workspaceId} ${all(conditions)}
    order by ${sql.join(order, sql.fragment`, `)} limit ${limit + 1}`);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map((row) => shownAs(row['row'])),
    next_cursor: last ? Buffer.from(JSON.stringify(last['key'])).toString('base64url') : null,
    position,
    ...(params.total === 'true' && { total: await count(db, query, workspaceId, matching) }),
  };
}

async function count(db: CommonQueryMethods, query: Query, workspaceId: string, conditions: readonly FragmentSqlToken[]): Promise<number> {
  const { total } = await db.one(
    sql.type(Total)`select count(*)::float8 as total from ${table(query)} r where workspace_id = ${workspaceId} ${all(conditions)}`,
  );
  return total;
}

const all = (conditions: readonly FragmentSqlToken[]) => (conditions.length > 0 ? sql.join(conditions, sql.fragment` `) : sql.fragment``);

/** The row as JSON text made by Postgres: timestamps in ISO with offset, numbers and jsonb as they are. */
const JSON_ROW = sql.fragment`to_jsonb(r) as row`;

/** Times as events have them: Postgres leaves out zeros at the end and writes UTC as an offset, and texts are what callers compare. */
export function shownAs(row: unknown): Readonly<Record<string, unknown>> {
  const shown = row as Record<string, unknown>;
  for (const [column, value] of Object.entries(shown)) {
    if (typeof value === 'string' && column.endsWith('_at') && ROW_TIME.test(value)) shown[column] = new Date(value).toISOString();
  }
  return shown;
}

const ROW_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/;

const table = (query: Query) => sql.identifier([liveSchema(query.projection), query.table]);

function filters(query: Extract<Query, { kind: 'list' }>, params: ReadParams): FragmentSqlToken[] {
  return Object.entries(query.filters).flatMap(([param, { column, op }]) => {
    const value = params[param];
    if (value === undefined) return [];
    const name = sql.identifier(['r', column]);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    switch (op) {
      case 'eq':
        return [sql.fragment`and ${name}::text = ${text}`];
      case 'search':
        return [sql.fragment`and ${name} ilike ${`%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`];
      case 'from':
        return [sql.fragment`and ${name} >= ${text}::timestamptz`];
      case 'to':
        return [sql.fragment`and ${name} < ${text}::timestamptz`];
    }
  });
}

/** Rows behind the cursor. Columns may go in different directions, so the comparison is spelled out. */
function after(query: Extract<Query, { kind: 'list' }>, cursor: string): FragmentSqlToken {
  const values = decode(cursor, query.order);
  const alternatives = query.order.map(({ column, direction }, index) => {
    const equal = query.order.slice(0, index).map((before, at) => sql.fragment`${sql.identifier(['r', before.column])}::text = ${values[at] ?? ''} and `);
    const compare = direction === 'asc' ? sql.fragment`>` : sql.fragment`<`;
    const beyond = sql.fragment`${sql.identifier(['r', column])} ${compare} ${cast(column, values[index] ?? '')}`;
    return sql.fragment`(${equal.length > 0 ? sql.join(equal, sql.fragment``) : sql.fragment``}${beyond})`;
  });
  return sql.fragment`and (${sql.join(alternatives, sql.fragment` or `)})`;
}

/** Columns that end in `_at` are times, `number` is an integer; all others that lists are ordered by are text. */
const cast = (column: string, value: string): FragmentSqlToken =>
  column.endsWith('_at') ? sql.fragment`${value}::timestamptz` : column === 'number' ? sql.fragment`${value}::integer` : sql.fragment`${value}`;

/** Cursors come back from outside: a value that Postgres could not cast must not reach it. */
const castable = (column: string, value: string): boolean =>
  column.endsWith('_at') ? isTime(value) : column === 'number' ? /^-?\d{1,9}$/.test(value) : !value.includes('\u0000') && value.isWellFormed();

function isTime(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.slice(0, value.search(/[ T]/)).split('-').map(Number);
  return POSTGRES_TIME.test(value) && new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** A timestamptz as text: `2026-11-21 05:44:09.478+00`. */
const POSTGRES_TIME = /^\d{4,5}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-][01]\d(?::?[0-5]\d)?)$/;

function decode(cursor: string, order: Extract<Query, { kind: 'list' }>['order']): readonly string[] {
  try {
    const values = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (values.length === order.length && values.every((value, at) => castable(order[at]?.column ?? '', value))) return values;
  } catch {
    // falls through to the one answer for every bad cursor
  }
  throw new Failure('invalid', 'bad-cursor', 'The cursor is not one that this list gave out.', {
    errors: [{ field: '/cursor', rule: 'must be next_cursor of an earlier page of the same list', remedy: 'leave it out to begin at the first page' }],
  });
}
