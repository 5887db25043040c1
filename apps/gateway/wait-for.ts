import type { DatabasePool } from 'slonik';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { isCommitted } from '@agent-platform/event-log/lookups';
import { Failure } from '@agent-platform/kernel/index';
import { pause } from '@agent-platform/runtime/patience';
import { positionOfProjection } from '@agent-platform/runtime/read';
import type { Gateway } from './gateway.ts';

const LONGEST_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 10;

/**
 * Waits for an event to be sequenced and then projected: `read_after`, so that callers read their own writes.
 * Throws Failure('missing', 'event-unknown') at once when the log has no such event: a write is answered after its commit.
 */
export function createWaitFor(log: EventLog, pool: DatabasePool): Gateway['waitFor'] {
  // All who wait for one projection share a look: a hundred waiters ask Postgres as often as one.
  const looks = new Map<string, Promise<number>>();
  const look = (projection: string): Promise<number> => {
    const running = looks.get(projection);
    if (running) return running;
    const started = positionOfProjection(pool, projection).finally(() => looks.delete(projection));
    looks.set(projection, started);
    return started;
  };

  return async (projection, eventId) => {
    const until = performance.now() + LONGEST_WAIT_MS;
    let position = await log.positionOf(eventId);
    if (position === null && !(await isCommitted(pool, eventId))) {
      throw new Failure('missing', 'event-unknown', `The log has no event ${eventId}; read_after takes log.event_id of a write's answer.`);
    }
    while (performance.now() < until) {
      position ??= await log.positionOf(eventId);
      if (position !== null && (await look(projection)) >= position) return;
      await pause(LOOK_EVERY_MS);
    }
    throw new Failure('transient', 'read-model-behind', `The read model has not reached event ${eventId} within ${LONGEST_WAIT_MS / 1000} s.`, {
      retryAfterSeconds: 1,
    });
  };
}
