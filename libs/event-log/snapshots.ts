import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { jsonText } from './json-text.ts';

/** Characters of JSON. A larger state takes as long to read as the events it was folded from, and longer to write. */
export const LARGEST_SNAPSHOT = 4 * 1024 * 1024;

const Snapshot = z.object({ version: z.int(), state: z.string() });

export async function readSnapshot(pool: DatabasePool, stream: StreamRef, schema: string): Promise<{ version: number; state: unknown } | null> {
  const row = await pool.maybeOne(sql.type(Snapshot)`select version, state from event_log.snapshots
    where workspace_id = ${stream.workspace_id} and category = ${stream.category} and stream_id = ${stream.stream_id} and schema = ${schema}`);
  return row && { version: row.version, state: JSON.parse(row.state) as unknown };
}

/** The newer version stays, whoever writes last; older ones of another schema go: what wrote them is being replaced. One that is too large is not kept. */
export async function writeSnapshot(pool: DatabasePool, stream: StreamRef, schema: string, version: number, state: unknown): Promise<void> {
  const text = jsonText(state);
  if (text.length > LARGEST_SNAPSHOT) return;
  await pool.query(sql.unsafe`
    with replaced as (
      delete from event_log.snapshots
      where workspace_id = ${stream.workspace_id} and category = ${stream.category} and stream_id = ${stream.stream_id}
        and schema <> ${schema} and version <= ${version}
    )
    insert into event_log.snapshots as s (workspace_id, category, stream_id, schema, version, state)
    values (${stream.workspace_id}, ${stream.category}, ${stream.stream_id}, ${schema}, ${version}, ${text})
    on conflict (workspace_id, category, stream_id, schema) do update set version = excluded.version, state = excluded.state
    where s.version < excluded.version`);
}
