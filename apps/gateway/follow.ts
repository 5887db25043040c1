import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { Bell } from '@agent-platform/runtime/bell';

/** Tells about a stream's events as they are published; a hint only, the events are read from the log. */
export type WatchStream = (stream: StreamRef, onEvent: () => void) => () => void;

const POLL_MS = 2_000;

/**
 * The events of one stream from a version on, as they are appended. Read from the log, so none is missed, doubled or out
 * of order whatever NATS does; the published events only say when to look. Ends when `signal` is aborted.
 */
export async function* followStream(log: EventLog, watch: WatchStream, stream: StreamRef, after: number, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
  const bell = new Bell();
  const unwatch = watch(stream, () => bell.ring());
  const ring = () => bell.ring();
  signal.addEventListener('abort', ring);
  try {
    let version = after;
    while (!signal.aborted) {
      const events = await log.readStream(stream, { from: version + 1, limit: 500 });
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
