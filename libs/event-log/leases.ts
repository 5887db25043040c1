import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { StreamRef } from '@agent-platform/contracts/kit/index';
import type { HeldLease } from './event-log.ts';

const Renewed = z.object({ asked: z.int(), version: z.int() });
const Abandoned = z.object({ workspace_id: z.string(), stream_id: z.string() });

/** In the order in which appends lock: otherwise a renewal and a batch could wait for each other. */
const keyOf = ({ stream }: HeldLease) => `${stream.workspace_id}\n${stream.category}\n${stream.stream_id}`;

/** Extends all leases in one statement; returns those whose owner and epoch still stand. */
export async function renew(pool: DatabasePool, leases: readonly HeldLease[], ttlMs: number) {
  if (leases.length === 0) return [];
  const sorted = leases.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const lines = (field: keyof StreamRef) => sorted.map(({ stream }) => stream[field]).join('\n');
  const rows = await pool.any(sql.type(Renewed)`select * from event_log.renew(
    ${lines('workspace_id')}, ${lines('category')}, ${lines('stream_id')},
    ${`{${sorted.map((lease) => lease.owner).join()}}`}::int[], ${`{${sorted.map((lease) => lease.epoch).join()}}`}::int[], ${Math.round(ttlMs)})`);
  return rows.map((row) => ({ stream: (sorted[row.asked - 1] as HeldLease).stream, version: row.version }));
}

/** Streams of a category whose lease has lapsed or whose owner's session is gone. */
export async function abandoned(pool: DatabasePool, category: string, limit: number): Promise<StreamRef[]> {
  const rows = await pool.any(sql.type(Abandoned)`select * from event_log.abandoned(${category}, ${limit})`);
  return rows.map((row) => ({ workspace_id: row.workspace_id, category, stream_id: row.stream_id }));
}
