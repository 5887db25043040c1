import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { subjects } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { onPoke } from '@agent-platform/messaging/poke';
import { Bell } from '@agent-platform/runtime/bell';

/** Tells about a stream's events as they are published; a hint only, the events are read from the log. */
export type WatchStream = (stream: StreamRef, onEvent: () => void) => () => void;

/** Hears what the relay publishes: JetStream stores it, core subscribers hear it as it passes. */
export const createWatch =
  (nats: NatsConnection): WatchStream =>
  (stream, onEvent) =>
    onPoke(nats, subjects.event(stream, '>'), onEvent);

const POLL_MS = 2_000;
/** Events in memory for one reader: large ones are up to a megabyte each. */
const PAGE = 50;

/**
 * The events of one stream from a version on, as they are appended. Read from the log, so none is missed, doubled or out
 * of order whatever NATS does; the published events only say when to look. Ends when `signal` is aborted.
 */
export async function* followStream(log: EventLog, watch: WatchStream, stream: StreamRef, after: number, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
  const bell = new Bell();
  const ring = () => bell.ring();
  const unwatch = watch(stream, ring);
  signal.addEventListener('abort', ring);
  try {
    let version = after;
    while (!signal.aborted) {
      const events = await log.readStream(stream, { from: version + 1, limit: PAGE });
      for (const event of events) {
        yield event;
        version = event.version;
      }
      if (events.length === 0) await bell.waitAtMost(POLL_MS);
    }
  } finally {
    unwatch();
    signal.removeEventListener('abort', ring);
  }
}
