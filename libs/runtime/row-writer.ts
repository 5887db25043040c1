import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { RowBatch, RowDelta } from './row-batch.ts';

/**
 * Rows of one statement: a row that goes into an index of vectors takes ten milliseconds on a busy machine, and a statement
 * that takes half a minute is given up.
 */
const AT_ONCE = 500;

/** Columns of a table as the database has them. */
export interface TableShape {
  readonly types: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  /** Columns that an insert must give. */
  readonly required: readonly string[];
}

const ColumnRow = z.object({ table_name: z.string(), column_name: z.string(), type: z.string(), required: z.boolean(), in_key: z.boolean() });

/** Shapes of all tables of a schema. */
export async function readShapes(db: CommonQueryMethods, schema: string): Promise<Map<string, TableShape>> {
  const rows = await db.any(sql.type(ColumnRow)`
    select c.relname as table_name, a.attname as column_name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull and not a.atthasdef as required,
           exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as in_key
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = ${schema} and c.relkind = 'r'
    order by c.relname, a.attnum`);
  const shapes = new Map<string, TableShape>();
  for (const row of rows) {
    const { types = {}, key = [], required = [] } = shapes.get(row.table_name) ?? {};
    shapes.set(row.table_name, {
      types: { ...types, [row.column_name]: row.type },
      key: row.in_key ? [...key, row.column_name] : key,
      required: row.required ? [...required, row.column_name] : required,
    });
  }
  return shapes;
}

/** Writes a batch: one statement per table and set of columns. A change that lacks a required column updates, it never inserts. */
export async function writeBatch(db: CommonQueryMethods, schema: string, shapes: ReadonlyMap<string, TableShape>, batch: RowBatch): Promise<void> {
  for (const [table, rows] of batch.tables()) {
    const shape = shapes.get(table);
    if (!shape) throw new Error(`projection schema ${schema} has no table "${table}"`);
    const target = sql.identifier([schema, table]);
    const gone = rows.filter((row) => row.replaced);
    if (gone.length > 0) {
      const keys = recordset(
        shape,
        shape.key,
        gone.map((row) => row.key),
      );
      await db.query(sql.unsafe`delete from ${target} t using ${keys} where ${equal(shape.key)}`);
    }
    for (const { columns, rows: all } of groupByColumns(rows)) {
      for (let at = 0; at < all.length; at += AT_ONCE) await writeGroup(db, target, shape, { columns, rows: all.slice(at, at + AT_ONCE) });
    }
  }
}

type Group = { readonly columns: readonly string[]; readonly rows: readonly Readonly<Record<string, unknown>>[] };

function groupByColumns(rows: readonly RowDelta[]): Iterable<Group> {
  const groups = new Map<string, { columns: string[]; rows: Readonly<Record<string, unknown>>[] }>();
  for (const { row } of rows) {
    if (row === null) continue;
    const columns = Object.keys(row);
    const signature = columns.join();
    const group = groups.get(signature);
    if (group) group.rows.push(row);
    else groups.set(signature, { columns, rows: [row] });
  }
  return groups.values();
}

async function writeGroup(
  db: CommonQueryMethods,
  target: FragmentSqlToken | ReturnType<typeof sql.identifier>,
  shape: TableShape,
  group: Group,
): Promise<void> {
  const source = recordset(shape, group.columns, group.rows);
  const names = sql.join(
    group.columns.map((column) => sql.identifier([column])),
    sql.fragment`, `,
  );
  const values = group.columns.filter((column) => !shape.key.includes(column));
  const complete = shape.required.every((column) => group.columns.includes(column));
  if (complete) {
    const key = sql.join(
      shape.key.map((column) => sql.identifier([column])),
      sql.fragment`, `,
    );
    const set = values.map((column) => sql.fragment`${sql.identifier([column])} = ${sql.identifier(['excluded', column])}`);
    const action = set.length === 0 ? sql.fragment`do nothing` : sql.fragment`do update set ${sql.join(set, sql.fragment`, `)}`;
    await db.query(sql.unsafe`insert into ${target} (${names}) select ${names} from ${source} on conflict (${key}) ${action}`);
  } else if (values.length > 0) {
    const set = values.map((column) => sql.fragment`${sql.identifier([column])} = ${sql.identifier(['x', column])}`);
    await db.query(sql.unsafe`update ${target} t set ${sql.join(set, sql.fragment`, `)} from ${source} where ${equal(shape.key)}`);
  }
}

const equal = (key: readonly string[]): FragmentSqlToken => {
  const pairs = key.map((column) => sql.fragment`${sql.identifier(['t', column])} = ${sql.identifier(['x', column])}`);
  return sql.fragment`${sql.join(pairs, sql.fragment` and `)}`;
};

/**
 * Rows as one JSON parameter per column, an array of its values: `json_to_recordset` builds a hash table for each row,
 * which costs Postgres half as much again as the insert itself (README, "Pace").
 */
function recordset(shape: TableShape, columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): FragmentSqlToken {
  const names = columns.map((column) => sql.identifier([column]));
  const lists = columns.map((column) => {
    const values = JSON.stringify(rows.map((row) => row[column] ?? null));
    return isJson(shape, column) ? sql.fragment`json_array_elements(${values}::json)` : sql.fragment`json_array_elements_text(${values}::json)`;
  });
  const typed = columns.map((column) => {
    const name = sql.identifier([column]);
    const value = isJson(shape, column) ? sql.fragment`nullif(${name}::text, 'null')` : name;
    return sql.fragment`${value}::${typeFragment(typeOf(shape, column))} as ${name}`;
  });
  const comma = sql.fragment`, `;
  return sql.fragment`(select ${sql.join(typed, comma)} from rows from (${sql.join(lists, comma)}) as r (${sql.join(names, comma)})) as x`;
}

function typeOf(shape: TableShape, column: string): string {
  const type = shape.types[column];
  if (type === undefined) throw new Error(`projection column "${column}" does not exist`);
  return type;
}

const isJson = (shape: TableShape, column: string): boolean => /^jsonb?$/.test(typeOf(shape, column));

/** A type name as Postgres' own catalog spelled it. */
const typeFragment = (type: string): FragmentSqlToken => ({ ...sql.fragment``, sql: type });
