import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { Column, Projection } from '../projection.ts';

type Row = Readonly<Record<string, Column>>;

const TABLE = /create table (\w+) \(([\s\S]*?)\n\)/g;
const COLUMN = /^ {2}(\w+) \w+( not null)?/gm;

interface Shape {
  readonly columns: ReadonlySet<string>;
  readonly required: readonly string[];
}

function shapes(sql: string): Map<string, Shape> {
  return new Map(
    [...sql.matchAll(TABLE)].map(([, table = '', body = '']) => {
      const columns = [...body.matchAll(COLUMN)].filter(([, name]) => name !== 'primary');
      const names = columns.map(([, name = '']) => name);
      return [table, { columns: new Set(names), required: columns.flatMap(([, name = '', required]) => (required ? [name] : [])) }];
    }),
  );
}

/** An event for a projection: what matters to it, the rest made up. Time and version count with `version`. */
export const logged = (event: { type: string; data: object }, at: Partial<Pick<EventEnvelope, 'category' | 'stream_id' | 'version' | 'actor'>> = {}) => ({
  id: '01900000-0000-7000-8000-000000000001',
  schema_version: 1,
  workspace_id: 'acme',
  category: 'it',
  stream_id: 'it',
  version: 1,
  position: at.version ?? 1,
  time: `2026-01-01T00:00:0${at.version ?? 1}.000Z`,
  actor: 'user:ann',
  correlation_id: 'corr-1',
  ...at,
  type: event.type,
  data: event.data as EventEnvelope['data'],
});

/**
 * The tables after a history of one stream, as the runtime would leave them: a change without a required column
 * updates and never inserts. Throws when a change names a table or a column that the `.sql` file does not have.
 */
export function tablesOf(
  projection: Projection,
  history: readonly { type: string; data: object }[],
  at: Parameters<typeof logged>[1] = {},
): Record<string, Row[]> {
  const tables = new Map([...shapes(projection.sql)].map(([name, shape]) => [name, { shape, rows: new Map<string, Row>() }]));
  const events = history.map((event, index) => logged(event, { ...at, version: index + 1 }));
  for (const change of events.filter(({ type }) => projection.events.includes(type)).flatMap((event) => projection.project(event))) {
    const table = tables.get(change.table);
    if (!table) throw new Error(`projection "${projection.name}" has no table "${change.table}"`);
    const { shape, rows } = table;
    const id = JSON.stringify(change.key);
    if ('remove' in change) {
      rows.delete(id);
      continue;
    }
    const row = { ...change.key, ...change.set };
    const unknown = Object.keys(row).find((column) => !shape.columns.has(column) || row[column] === undefined);
    if (unknown !== undefined) throw new Error(`"${change.table}.${unknown}" is not a column, or has no value`);
    const before = rows.get(id);
    if (before || shape.required.every((column) => column in row)) rows.set(id, { ...before, ...row });
  }
  return Object.fromEntries([...tables].map(([name, { rows }]) => [name, [...rows.values()]]));
}
