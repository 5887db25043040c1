import type { DatabasePool } from 'slonik';
import { sql } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { appendBatch, type EncodedAppend } from './append-batch.ts';
import { appendOne, isPlain } from './append-one.ts';
import { createBatcher } from './batcher.ts';
import { checkRequest } from './append-request.ts';
import { encodeBody } from './event-body.ts';
import { newAppendId } from './event-id.ts';
import type { AppendRequest, AppendResult } from './event-log.ts';
import { backoff, hasCode, isFull, isOutage, unavailable } from './outage.ts';

/*
 * Concurrent appends of this process share one statement and one commit.
 *
 * Promise: every append is answered with what the log holds. When the connection breaks at the commit, nobody
 * knows whether it committed: the batch is asked again with the same append ids, and what is found is answered
 * as appended. When Postgres stays away longer than the patience, append throws `log-unavailable` (unknown).
 * On a crash of this process, a batch under way is in the log as a whole or not at all.
 */

interface Pending extends EncodedAppend {
  readonly sortKey: string;
  readonly keys: readonly string[];
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions {
  /** Batches under way at a time, each on its own connection; default 2. */
  readonly inFlight?: number;
  /** Appends in one batch at most; default 200. */
  readonly batchSize?: number;
  /** Appends waiting at most; default 10,000. Above it, append throws `log-overloaded`. */
  readonly queue?: number;
  /** How long an outage is sat out; default 10 s. */
  readonly patienceMs?: number;
}

export interface GroupCommit {
  append(request: AppendRequest): Promise<AppendResult>;
  /** Resolves when everything accepted has been answered. */
  idle(): Promise<void>;
}

const NO_PARTITION = '23514';
const UNIQUE = '23505';

export function createGroupCommit(pool: DatabasePool, options: GroupCommitOptions = {}): GroupCommit {
  const patienceMs = options.patienceMs ?? 10_000;

  const attempt = async (batch: readonly Pending[], retry: boolean): Promise<Pending[]> => {
    const [only] = batch;
    const alone = batch.length === 1 && !retry && only && isPlain(only) ? await appendOne(pool, only) : null;
    const results = alone ? [alone] : await appendBatch(pool, batch, retry);
    const left: Pending[] = [];
    for (let index = 0; index < batch.length; index++) {
      const result = results[index];
      if (result) (batch[index] as Pending).resolve(result);
      else left.push(batch[index] as Pending);
    }
    return left;
  };

  const commit = async (batch: readonly Pending[]): Promise<void> => {
    let left = batch.length === 1 ? batch : batch.toSorted((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
    const until = performance.now() + patienceMs;
    let retry = false;
    for (let tries = 1; left.length > 0; tries++) {
      try {
        left = await attempt(left, retry);
      } catch (error) {
        // A unique violation on commits means: an earlier try of ours is in the log.
        const again = isOutage(error) || hasCode(error, UNIQUE);
        retry ||= again;
        const late = isFull(error) || performance.now() >= until;
        if (!late && hasCode(error, NO_PARTITION)) await makeRoom(pool);
        else if (!late && again) await backoff(tries);
        else if (again || left.length === 1) return left.forEach((one) => one.reject(again ? unavailable(error) : error));
        // One append that Postgres refuses must not fail its neighbours: each goes alone now.
        else return left.reduce((before, one) => before.then(() => commit([one])), Promise.resolve());
      }
    }
  };

  const batcher = createBatcher<Pending>({
    maxInFlight: options.inFlight ?? 2,
    maxItems: options.batchSize ?? 200,
    maxWeight: 4_000_000,
    maxQueued: options.queue ?? 10_000,
    keysOf: (one) => one.keys,
    weightOf: (one) => one.body.length,
    send: commit,
  });

  return {
    async append(request) {
      checkRequest(request);
      const { body, payloads } = encodeBody(request.events);
      if (payloads) await storePayloads(pool, payloads);
      const { workspace_id: workspace, category, stream_id } = request.stream;
      const sortKey = `${workspace}\n${category}\n${stream_id}`;
      return new Promise<AppendResult>((resolve, reject) => {
        const pending: Pending = { request, appendId: newAppendId(), body, sortKey, keys: keysOf(request, sortKey), resolve, reject };
        if (!batcher.add(pending))
          reject(
            new Failure('transient', 'log-overloaded', 'too many appends are waiting for the event log; slow down and try again', {
              status: 503,
              retryAfterSeconds: 1,
            }),
          );
      });
    },
    idle: () => batcher.idle(),
  };
}

const keysOf = (request: AppendRequest, stream: string): readonly string[] => {
  if (!request.command && !request.reservations?.length) return [stream];
  const keys = new Set([stream]);
  if (request.command) keys.add(`c\n${request.stream.workspace_id}\n${request.command.id}`);
  for (const { scope, key } of request.reservations ?? []) keys.add(`r\n${request.stream.workspace_id}\n${scope}\n${key}`);
  return [...keys];
};

const makeRoom = (pool: DatabasePool) => pool.one(sql.type(z.object({ made: z.int() }))`select event_log.ensure_partitions() as made`).then(() => undefined);

/** Before the append, in a commit of its own: an orphan of an append that then loses is harmless. */
const storePayloads = async (pool: DatabasePool, payloads: ReadonlyMap<string, string>) => {
  for (const [hash, body] of payloads)
    await pool.query(sql.unsafe`insert into event_log.payloads (hash, body) values (${hash}, ${body}) on conflict do nothing`);
};
