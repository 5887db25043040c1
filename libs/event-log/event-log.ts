import type { Cause, EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { LoggedEvent, Reservation } from '@agent-platform/kernel/index';

/** What a writer believes about the stream. */
export type ExpectedVersion =
  /** The stream must stand exactly here; 0: it must not exist yet. */
  | number
  /** The stream must exist; its version does not matter. */
  | 'exists'
  /** Nothing is checked. */
  | 'any';

/** Of whom an append comes that works under a lease on the stream. */
export type LeaseUse =
  /** Takes the lease (free, lapsed, of a dead owner, or already ours) in the same commit as the events. */
  | { readonly use: 'claim'; readonly owner: number; readonly ttlMs: number }
  /** Writes under the lease and extends it; refused as `stale` when the epoch is not the newest. */
  | { readonly use: 'hold'; readonly owner: number; readonly epoch: number; readonly ttlMs: number };

export interface AppendRequest {
  readonly stream: StreamRef;
  readonly expected: ExpectedVersion;
  /** 0 to LIMITS.eventsPerAppend. An empty list is good for claiming or releasing a lease. */
  readonly events: readonly { readonly type: string; readonly schema_version: number; readonly data: Readonly<Record<string, unknown>> }[];
  readonly cause: Cause;
  /** Idempotency: the same id again gives the first result, if the fingerprint is the same too. */
  readonly command?: { readonly id: string; readonly fingerprint: string };
  readonly reservations?: readonly Reservation[];
  readonly lease?: LeaseUse;
  /** Gives the lease back in the same commit. */
  readonly release?: boolean;
}

export type AppendResult =
  | {
      readonly status: 'appended';
      readonly first_version: number;
      /** Version of the stream now; `first_version - 1` when no event was given. */
      readonly last_version: number;
      /** Ids of the events, in order. */
      readonly event_ids: readonly string[];
      /** Commit time by Postgres' clock, ISO. */
      readonly time: string;
      /** Epoch of the lease, when one was used. */
      readonly epoch: number | null;
    }
  /** The command id is in the log already: what it did then. */
  | {
      readonly status: 'duplicate';
      readonly stream: StreamRef;
      readonly first_version: number;
      readonly last_version: number;
      readonly event_ids: readonly string[];
    }
  /** The command id is in the log with another fingerprint. */
  | { readonly status: 'command_reused' }
  | { readonly status: 'conflict'; readonly actual: number }
  /** Another stream holds the key. */
  | { readonly status: 'reserved'; readonly scope: string; readonly key: string; readonly holder: string }
  /** The lease is somebody else's: `owner` holds it now. */
  | { readonly status: 'leased'; readonly owner: number }
  /** The epoch is not the newest any more. */
  | { readonly status: 'stale'; readonly epoch: number };

/** A command that has appended. */
export interface CommandRecord {
  readonly fingerprint: string;
  readonly stream: StreamRef;
  readonly first_version: number;
  readonly last_version: number;
  readonly event_ids: readonly string[];
}

export interface HeldLease {
  readonly stream: StreamRef;
  readonly owner: number;
  readonly epoch: number;
}

/** One event with what the relay publishes: the bytes are passed on as they were stored. */
export interface SequencedEvent {
  readonly position: number;
  readonly id: string;
  readonly stream: StreamRef;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly cause: Cause;
  /** Commit time, ISO. */
  readonly time: string;
  /** Envelope as JSON text, position included. */
  readonly json: string;
}

/** What an event can be found by, besides its time. */
export interface Marks {
  readonly workspace_id: string;
  readonly type?: string | undefined;
  readonly category?: string | undefined;
  readonly stream_id?: string | undefined;
  readonly correlation_id?: string | undefined;
  readonly actor?: string | undefined;
}

/** What is looked for in the log: events with all of the given marks, `from` (inclusive) `to` (exclusive), ISO. */
export interface LogQuery extends Marks {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Positions after `after`, up to `to`. */
export interface LogPage {
  readonly after: number;
  readonly to: number;
}

export interface LogPages {
  /** In log order. They may hold what is looked for; nothing else up to `upTo` does. */
  readonly pages: readonly LogPage[];
  readonly upTo: number;
  readonly head: number;
}

/**
 * The only truth. Every method may throw Failure('transient') when the database does not answer; `append`
 * then has already asked again with the same append id, so a throw means "unknown, and Postgres is away".
 */
export interface EventLog {
  append(request: AppendRequest): Promise<AppendResult>;

  /** Events of one stream from `from` (default 1) to `to`, newest schema, in version order. */
  readStream(stream: StreamRef, range?: { from?: number; to?: number; limit?: number }): Promise<EventEnvelope[]>;
  /** Events of the log after a position, in order; at most `limit`. */
  readLog(after: number, limit: number): Promise<LoggedEvent[]>;
  /** The same as the relay published them: no parsing. */
  readSequenced(after: number, limit: number): Promise<SequencedEvent[]>;
  /** Where after a position to look for events: at most `limit` parts of the log, which together may be a large part of it. */
  findPages(query: LogQuery, after: number, limit: number): Promise<LogPages>;
  /** Newest position given; 0 for an empty log. */
  head(): Promise<number>;
  /** Position of an event; null while it is not sequenced, or unknown. */
  positionOf(eventId: string): Promise<number | null>;
  /** Stream that holds a reserved key. */
  holder(workspaceId: string, scope: string, key: string): Promise<string | null>;

  /** What a command id did; null when it is not in the log. */
  command(workspaceId: string, commandId: string): Promise<CommandRecord | null>;

  /** Gives positions to what has committed, lower versions of a stream first; returns it. One active caller. */
  sequence(limit: number): Promise<SequencedEvent[]>;

  /** Extends leases; returns those that are still ours, with the stream's version now. */
  renew(leases: readonly HeldLease[], ttlMs: number): Promise<readonly { readonly stream: StreamRef; readonly version: number }[]>;
  /** Streams of a category whose lease has lapsed or whose owner is dead. */
  abandoned(category: string, limit: number): Promise<readonly StreamRef[]>;

  /** Stored value of a named cursor; 0 when new. */
  cursor(name: string): Promise<number>;
  /** Compare-and-set: false when the stored value was not `from`. */
  moveCursor(name: string, from: number, to: number): Promise<boolean>;

  /** Folded state as a cache: may be lost, never authoritative. One that is too large to be worth it is not kept. */
  readSnapshot(stream: StreamRef, schema: string): Promise<{ version: number; state: unknown } | null>;
  writeSnapshot(stream: StreamRef, schema: string, version: number, state: unknown): Promise<void>;

  /** Postgres' clock, ISO. */
  now(): Promise<string>;
  close(): Promise<void>;
}
