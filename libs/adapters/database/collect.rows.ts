import type { Socket } from 'node:net';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { DatabaseAnswer, DatabaseQuery } from '@agent-platform/ports/database.port';
import type { Client, Query, QueryArrayConfig } from 'pg';
import { columnTypes } from './column.values.ts';

interface Statement extends Pick<DatabaseQuery, 'mode' | 'sql' | 'parameters'> {
  readonly client: Client;
  readonly Query: typeof Query;
  readonly socket: Socket;
  readonly limits: { readonly rows: number; readonly bytes: number };
}

/** How often the size of an answer is looked at while it comes in: one row may be longer than all that is kept. */
const WATCH_MS = 20;
/** What an answer may bring on the wire, in sizes of what is kept. */
const WIRE_FACTOR = 4;

const columnsOf = (result: { readonly fields: readonly { readonly name: string }[] }): readonly string[] => result.fields.map(({ name }) => name);

/** Keeps rows until a limit is reached. A read is cut off there; a write goes on to its end, without keeping more. */
export function collectRows({ client, Query: PgQuery, socket, mode, sql, parameters, limits }: Statement): Promise<DatabaseAnswer> {
  // The extended protocol takes one statement only, with values or without.
  const config: QueryArrayConfig & { readonly queryMode: 'extended' } = {
    text: sql,
    values: [...parameters],
    rowMode: 'array',
    types: columnTypes,
    queryMode: 'extended',
  };
  const kept: JsonValue[][] = [];
  const most = socket.bytesRead + limits.bytes * WIRE_FACTOR;
  let columns: readonly string[] = [];
  let bytes = 0;
  let truncated = false;
  return new Promise<DatabaseAnswer>((resolve, reject) => {
    const watch = setInterval(() => {
      if (socket.bytesRead <= most) return;
      if (mode === 'read') cut();
      else reject(new Failure('invalid', 'database-answer-too-large', 'The answer is too large, so nothing was written: let the statement return less.'));
    }, WATCH_MS);
    const finish = (row_count: number | null) => {
      clearInterval(watch);
      // fromEntries defines own properties, so that a column named __proto__ is data.
      const rows = kept.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
      resolve({ columns, rows, row_count, truncated });
    };
    const cut = () => {
      truncated = true;
      finish(null);
      socket.destroy();
    };
    const query = client.query(new PgQuery(config));
    query.on('row', (row, result) => {
      if (truncated) return;
      if (columns.length === 0 && result) columns = columnsOf(result);
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (kept.length < limits.rows && bytes <= limits.bytes) kept.push(row as JsonValue[]);
      else if (mode === 'read') cut();
      else truncated = true;
    });
    query.on('end', (result) => {
      columns = columnsOf(result);
      finish(result.rowCount);
    });
    query.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}
