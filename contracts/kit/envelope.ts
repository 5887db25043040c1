import { z } from 'zod';
import { Id, JsonObject, Time, WorkspaceId } from './ids.ts';

/** Address of one aggregate's history. */
export interface StreamRef {
  readonly workspace_id: string;
  readonly category: string;
  readonly stream_id: string;
}

/** An event as a decider returns it: only what the aggregate knows. */
export interface NewEvent {
  readonly type: string;
  /** JSON object; keys whose value is undefined are left out. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * An event as it lies in the log and travels on JetStream.
 * `version` counts from 1 in its stream; `position` counts from 1 in the whole log, dense and gapless,
 * and is given after the commit, so it is absent where an event is read back from its stream only.
 */
export const EventEnvelope = z.object({
  id: z.uuid(),
  type: z.string(),
  schema_version: z.int().min(1),
  workspace_id: WorkspaceId,
  category: z.string(),
  stream_id: Id,
  version: z.int().min(1),
  position: z.int().min(1).optional(),
  time: Time,
  actor: z.string(),
  correlation_id: z.string(),
  causation_id: z.string().optional(),
  traceparent: z.string().optional(),
  data: JsonObject,
});
export type EventEnvelope = z.output<typeof EventEnvelope>;

/** Who asked for a change, and what it belongs to. Travels in NATS headers and in every event. */
export interface Cause {
  readonly actor: string;
  readonly correlation_id: string;
  readonly causation_id?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** Everything a decider may know about a command besides its data. Made at the edge. */
export interface CommandMeta extends Cause {
  readonly command_id: string;
  readonly workspace_id: string;
  readonly stream_id: string;
  /** ISO instant by Postgres' clock. */
  readonly now: string;
}

export interface Command<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
  readonly meta: CommandMeta;
}
