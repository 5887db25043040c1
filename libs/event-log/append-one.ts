import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import { appended, type EncodedAppend } from './append-batch.ts';
import type { AppendResult } from './event-log.ts';

const Answer = z.object({ at: z.string().nullable(), new_epoch: z.int().nullable() });

/** Whether an append can take the short way: a stream that exists at an exact version, no command id, no reservation. */
export const isPlain = ({ request }: EncodedAppend): boolean =>
  typeof request.expected === 'number' && request.expected > 0 && !request.command && !request.reservations?.length;

/** The short way of an append that is alone (schema/0006_append_one.sql). Null: nothing was changed, ask `appendBatch`. */
export async function appendOne(pool: DatabasePool, append: EncodedAppend): Promise<AppendResult | null> {
  const { stream, expected, events, cause, lease, release } = append.request;
  const answer = await pool.one(sql.prepared('append_one', Answer)`select * from event_log.append_one(${append.appendId}::uuid,
    ${stream.workspace_id}, ${stream.category}, ${stream.stream_id}, ${Number(expected)}::bigint, ${events.length}::int, ${append.body},
    ${cause.actor}, ${cause.correlation_id}, ${cause.causation_id ?? null}, ${cause.traceparent ?? null},
    ${lease ? (lease.use === 'claim' ? 1 : 2) : 0}::int, ${lease?.owner ?? 0}::int, ${lease?.use === 'hold' ? lease.epoch : 0}::int,
    ${Math.round(lease?.ttlMs ?? 0)}::bigint, ${release === true}::boolean)`);
  return answer.at === null ? null : appended(append, Number(expected) + 1, answer.at, answer.new_epoch ?? 0);
}
