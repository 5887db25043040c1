import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { AppendRequest, AppendResult, ExpectedVersion, LeaseUse } from './event-log.ts';
import { eventIdsOf } from './event-id.ts';

/** One append, encoded and checked: what a batch is made of. */
export interface EncodedAppend {
  readonly request: AppendRequest;
  readonly appendId: string;
  readonly body: string;
}

/** `null`: ask again; the append lost a race in which it expected nothing. */
export type BatchOutcome = AppendResult | null;

// slonik checks rows against a schema only where an interceptor does it; this one is our own function's answer.
const Answer = z.object({
  at: z.string(),
  statuses: z.string(),
  versions: z.string(),
  epochs: z.string(),
  details: z.string().nullable(),
});
type Details = Readonly<Record<number, unknown>>;
interface StoredCommand {
  category: string;
  stream_id: string;
  first_version: number;
  event_count: number;
  append_id: string;
}

const expectedCode = (expected: ExpectedVersion): number => (expected === 'exists' ? -1 : expected === 'any' ? -2 : expected);
const lines = (batch: readonly EncodedAppend[], of: (request: AppendRequest) => string | undefined): string => {
  let text = of((batch[0] as EncodedAppend).request) ?? '';
  for (let index = 1; index < batch.length; index++) text += '\n' + (of((batch[index] as EncodedAppend).request) ?? '');
  return text;
};
const list = (batch: readonly EncodedAppend[], of: (request: AppendRequest) => number | boolean): string => {
  let text = '{';
  for (let index = 0; index < batch.length; index++) text += (index ? ',' : '') + of((batch[index] as EncodedAppend).request);
  return text + '}';
};

const leaseColumns = (batch: readonly EncodedAppend[]) => {
  if (!batch.some(({ request }) => request.lease)) return { uses: null, owners: null, epochs: null, ttls: null, releases: null };
  const of = (read: (lease: LeaseUse) => number) => list(batch, ({ lease }) => (lease ? read(lease) : 0));
  return {
    uses: of((lease) => (lease.use === 'claim' ? 1 : 2)),
    owners: of((lease) => lease.owner),
    epochs: of((lease) => (lease.use === 'hold' ? lease.epoch : 0)),
    ttls: of((lease) => Math.round(lease.ttlMs)),
    releases: list(batch, (request) => request.release === true),
  };
};

const commandColumns = (batch: readonly EncodedAppend[]) =>
  batch.some(({ request }) => request.command)
    ? { ids: lines(batch, (request) => request.command?.id), prints: lines(batch, (request) => request.command?.fingerprint) }
    : { ids: null, prints: null };

const reservationColumns = (batch: readonly EncodedAppend[]) => {
  const rows = batch.flatMap(({ request }, index) => (request.reservations ?? []).map((reservation) => ({ ...reservation, of: index + 1 })));
  if (rows.length === 0) return { of: null, scopes: null, keys: null, releases: null };
  return {
    of: `{${rows.map((row) => row.of).join()}}`,
    scopes: rows.map((row) => row.scope).join('\n'),
    keys: rows.map((row) => row.key).join('\n'),
    releases: `{${rows.map((row) => row.release === true).join()}}`,
  };
};

/**
 * Sends a batch: one statement, one transaction, one commit. `retry` makes it look for the append ids in the log
 * first. At most one append per stream, command id and reservation key; sorted by stream (see schema/0003_append.sql).
 */
export async function appendBatch(pool: DatabasePool, batch: readonly EncodedAppend[], retry: boolean): Promise<BatchOutcome[]> {
  const lease = leaseColumns(batch);
  const command = commandColumns(batch);
  const reservation = reservationColumns(batch);
  const answer = await pool.one(sql.prepared('append_batch', Answer)`select * from event_log.append_batch(${retry},
    ${`{${batch.map((append) => append.appendId).join()}}`}::uuid[],
    ${lines(batch, (request) => request.stream.workspace_id)}, ${lines(batch, (request) => request.stream.category)},
    ${lines(batch, (request) => request.stream.stream_id)},
    ${list(batch, (request) => expectedCode(request.expected))}::bigint[],
    ${list(batch, (request) => request.events.length)}::int[],
    ${batch.map((append) => append.body).join('\u001e')},
    ${lines(batch, (request) => request.cause.actor)}, ${lines(batch, (request) => request.cause.correlation_id)},
    ${lines(batch, (request) => request.cause.causation_id)}, ${lines(batch, (request) => request.cause.traceparent)},
    ${lease.uses}::int[], ${lease.owners}::int[], ${lease.epochs}::int[], ${lease.ttls}::bigint[], ${lease.releases}::boolean[],
    ${command.ids}, ${command.prints},
    ${reservation.of}::int[], ${reservation.scopes}, ${reservation.keys}, ${reservation.releases}::boolean[])`);
  return readAnswer(batch, answer);
}

function readAnswer(batch: readonly EncodedAppend[], answer: z.output<typeof Answer>): BatchOutcome[] {
  const statuses = answer.statuses.split(',');
  const versions = answer.versions.split(',');
  const epochs = answer.epochs.split(',');
  // Written by our own function, by 1-based place in the batch.
  const details = (answer.details === null ? {} : JSON.parse(answer.details)) as Details;
  return batch.map((append, index) => {
    const version = Number(versions[index]);
    const epoch = Number(epochs[index]);
    const detail = details[index + 1];
    switch (statuses[index]) {
      case '0':
        return appended(append, version + 1, answer.at, epoch);
      case '1': {
        const stored = detail as StoredCommand;
        return {
          status: 'duplicate',
          stream: { workspace_id: append.request.stream.workspace_id, category: stored.category, stream_id: stored.stream_id },
          first_version: stored.first_version,
          last_version: stored.first_version + stored.event_count - 1,
          event_ids: eventIdsOf(stored.append_id, stored.event_count),
        };
      }
      case '2':
        return { status: 'command_reused' };
      case '3':
        return { status: 'conflict', actual: version };
      case '4': {
        const held = detail as { scope: string; key: string; holder: string };
        return { status: 'reserved', scope: held.scope, key: held.key, holder: held.holder };
      }
      case '5':
        return { status: 'leased', owner: detail as number };
      case '6':
        return { status: 'stale', epoch };
      case '7': {
        const found = detail as { first_version: number; time: string };
        return appended(append, found.first_version, found.time, epoch);
      }
      default:
        return null;
    }
  });
}

/** An append's answer when it is in the log. */
export const appended = ({ request, appendId }: EncodedAppend, first: number, time: string, epoch: number): AppendResult => ({
  status: 'appended',
  first_version: first,
  last_version: first + request.events.length - 1,
  event_ids: eventIdsOf(appendId, request.events.length),
  time,
  epoch: request.lease ? epoch : null,
});
