import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { eventIdsOf, splitEventId } from './event-id.ts';
import type { CommandRecord } from './event-log.ts';

const Holder = z.object({ stream_id: z.string() });
const Command = z.object({
  fingerprint: z.string(),
  category: z.string(),
  stream_id: z.string(),
  first_version: z.int(),
  event_count: z.int(),
  append_id: z.string(),
});

/** Stream that holds a reserved key. */
export const holder = async (pool: DatabasePool, workspaceId: string, scope: string, key: string): Promise<string | null> =>
  (
    await pool.maybeOne(sql.type(Holder)`select stream_id from event_log.reservations
      where workspace_id = ${workspaceId} and scope = ${scope} and key = ${key}`)
  )?.stream_id ?? null;

/** What a command id did; null when it is not in the log. */
export async function commandRecord(pool: DatabasePool, workspaceId: string, commandId: string): Promise<CommandRecord | null> {
  const row = await pool.maybeOne(sql.type(Command)`
    select fingerprint, category, stream_id, first_version, event_count, append_id from event_log.commands
    where workspace_id = ${workspaceId} and command_id = ${commandId}`);
  return (
    row && {
      fingerprint: row.fingerprint,
      stream: { workspace_id: workspaceId, category: row.category, stream_id: row.stream_id },
      first_version: row.first_version,
      last_version: row.first_version + row.event_count - 1,
      event_ids: eventIdsOf(row.append_id, row.event_count),
    }
  );
}

const Committed = z.object({ committed: z.boolean() });

/** Whether the log has an event, with or without a position yet. */
export async function isCommitted(pool: DatabasePool, eventId: string): Promise<boolean> {
  const id = splitEventId(eventId);
  if (!id) return false;
  return (
    await pool.one(sql.type(Committed)`select exists (
      select from event_log.commits where append_id = ${id.appendId}::uuid and event_count > ${id.index}) as committed`)
  ).committed;
}
