import { setTimeout as wait } from 'node:timers/promises';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import type { SequencedEvent } from '@agent-platform/event-log/event-log';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { isNoResponders } from '@agent-platform/messaging/no-responders';
import { encodedHeaders, eventHeaders } from '@agent-platform/messaging/event-headers';
import { z } from 'zod';

const Timed = z.object({ time: z.string() });
const LISTEN_MS = 100;

/** When an event is due, in the time of `performance.now()`; the first one at once. */
export interface Pace {
  /** False: everything is due at once. */
  readonly paced: boolean;
  at(event: SequencedEvent | undefined): number;
}

/** @param speed how many times as fast as it happened; 0: at once */
export function createPace(speed: number): Pace {
  let first: { readonly now: number; readonly time: number } | null = null;
  return {
    paced: speed > 0,
    at(event) {
      if (speed <= 0 || !event) return 0;
      const time = Date.parse(Timed.parse(JSON.parse(event.json)).time);
      first ??= { now: performance.now(), time };
      return first.now + (time - first.time) / speed;
    },
  };
}

/** Waits until a time of `performance.now()`, or the abort. */
export async function pauseUntil(due: number, signal: AbortSignal): Promise<void> {
  const ms = due - performance.now();
  // An aborted wait rejects; whoever aborted it knows.
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
}

/**
 * Publishes a replay's first event when somebody listens to its subject, at `until` at the latest. The server says "no
 * responders" to a request that nobody hears, so an event that is asked with is either heard or was not delivered at all.
 */
export async function whenHeard(nats: NatsConnection, replayId: string, event: SequencedEvent, until: number, signal: AbortSignal): Promise<void> {
  const subject = subjects.replay(replayId, event.stream, event.type);
  for (;;) {
    const heard = await nats.request(subject, event.json, { headers: encodedHeaders(eventHeaders(event)), timeout: LISTEN_MS }).then(
      () => true,
      (error: unknown) => !isNoResponders(error),
    );
    if (heard || signal.aborted || performance.now() >= until) return;
    await pauseUntil(Math.min(until, performance.now() + LISTEN_MS), signal);
  }
}
