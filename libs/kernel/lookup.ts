import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { Secrets } from './secrets.ts';

/** What `prepare` may look at. Reads the log (truth), never a read model. */
export interface Lookup {
  /** Folded state of another aggregate; null when the stream does not exist. */
  state(stream: StreamRef): Promise<unknown>;
  /** Which stream holds a reserved key; null when none does. */
  holder(workspaceId: string, scope: string, key: string): Promise<string | null>;
  /** One event of a stream; null when there is none. */
  event(stream: StreamRef, version: number): Promise<EventEnvelope | null>;
  /** Seals what must not be recorded in clear; absent in a process that has no key and therefore records no secrets. */
  readonly secrets?: Secrets;
}
