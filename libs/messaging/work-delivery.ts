import type { Msg } from '@nats-io/transport-node';
import { headerOf } from './command-headers.ts';
import { acknowledge } from './delivery.ts';

/** One message as a handler sees it. */
export interface WorkDelivery {
  /** Subject it was published on, also when it comes back from the dead letters. */
  readonly subject: string;
  readonly data: Uint8Array;
  readonly text: string;
  header(name: string): string | undefined;
  /** Log position, on events; 0 otherwise. */
  readonly position: number;
  /** Counts from 1. */
  readonly deliveries: number;
  /** Starts the ack wait afresh. The consumer does it by itself while the handler has not returned. */
  working(): void;
  /** Aborted when the consumer is closed: stop and let somebody else go on. */
  readonly signal: AbortSignal;
}

export function workDelivery(message: Msg, facts: { subject: string; position: number; deliveries: number; signal: AbortSignal }): WorkDelivery {
  return {
    ...facts,
    get data() {
      return message.data;
    },
    get text() {
      return message.string();
    },
    header: (name) => headerOf(message, name),
    working: () => acknowledge.working(message),
  };
}
