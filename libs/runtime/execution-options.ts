import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { Lookup } from '@agent-platform/kernel/index';
import type { Area } from './area.ts';
import type { Clock } from './clock.ts';
import type { HandleCommand } from './handle-command.ts';
import type { Logger } from './logger.ts';
import type { FeatureIndex } from './lookup.ts';
import type { Slots } from './slots.ts';
import type { StreamStates } from './stream-states.ts';

/** What the machine of an executor process works with. */
export interface ExecutionOptions {
  readonly log: EventLog;
  readonly states: StreamStates;
  readonly features: FeatureIndex;
  /** What this process works on; the rest is for others. */
  readonly areas: readonly Area[];
  readonly commands: HandleCommand;
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** This process as the holder of leases; its lock in Postgres is what tells others that it lives. */
  readonly owner: () => number;
  /** Who the events of this process say they come from, e.g. `executor:host-4711`. */
  readonly actor: string;
  readonly ttlMs: number;
  /** How many effects may be under way at once. */
  readonly slots: Slots;
  /** How many streams may be worked on at once; more triggers are sent back for later. */
  readonly maxActive: number;
  readonly appended: () => void;
  readonly live: (stream: StreamRef, topic: string, data: unknown) => void;
  /** Hands a trigger to the executor that holds the lease; false when it does not answer. */
  readonly askHolder: (owner: number, area: string, event: EventEnvelope) => Promise<boolean>;
  readonly logger: Logger;
}
