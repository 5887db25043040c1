import type { DatabasePool } from 'slonik';
import type { CommandAccepted } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { Failure } from '@agent-platform/kernel/index';
import type { FeatureIndex } from '@agent-platform/runtime/lookup';
import { positionOfProjection } from '@agent-platform/runtime/read';
import type { WatchStream } from './follow.ts';
import type { RequestContext } from './request-context.ts';

/** What the routes work with. */
export interface Gateway {
  readonly log: EventLog;
  /** Read models only. */
  readonly pool: DatabasePool;
  readonly features: FeatureIndex;
  readonly watch: WatchStream;
  /** Asks the commands role. Throws Failure: its refusal, or transient when it does not answer. */
  command(type: string, data: unknown, context: RequestContext): Promise<CommandAccepted>;
  /** Waits until a projection shows an event. Throws Failure when it does not in time. */
  waitFor(projection: string, eventId: string): Promise<void>;
}

const LONGEST_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** Waits for an event to be sequenced and then projected: `read_after`, so that callers read their own writes. */
export const createWaitFor =
  (log: EventLog, pool: DatabasePool): Gateway['waitFor'] =>
  async (projection, eventId) => {
    const until = performance.now() + LONGEST_WAIT_MS;
    let position: number | null = null;
    while (performance.now() < until) {
      position ??= await log.positionOf(eventId);
      if (position !== null && (await positionOfProjection(pool, projection)) >= position) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw new Failure('transient', 'read-model-behind', `The read model has not reached event ${eventId} within ${LONGEST_WAIT_MS / 1000} s.`, { retryAfterSeconds: 1 });
  };
