import type { EventLog } from '@agent-platform/event-log/event-log';
import type { EventPublisher } from '@agent-platform/messaging/event-publisher';
import { streamAheadOfLog } from './ahead-of-log.ts';
import { Bell } from './bell.ts';
import { crashPoint, crashPointSoon } from './crash-point.ts';
import type { Logger } from './logger.ts';
import { backoffMs, pause } from './patience.ts';

export interface RelayOptions {
  readonly log: EventLog;
  readonly publisher: EventPublisher;
  /** Makes sure that there is a stream to publish on: called before it is asked where it stands. */
  readonly ensureStream: () => Promise<void>;
  readonly logger: Logger;
  /** Events per transaction and per publication. */
  readonly batch?: number;
  /** The safety net when a poke was lost. */
  readonly pollMs?: number;
  /** Longest pause between two transactions. A few events go at once; under load a fixed cost is shared by many. */
  readonly paceMs?: number;
}

const BOOK = 'relay';
/** Events between two notes in the book: so many come a second time, when the stream was emptied and the relay died. */
const BOOK_EVERY = 1_000;
/** After a transaction, so that it does not take disk and CPU from appends that follow each other closely. */
const SHORTEST_PAUSE_MS = 12;
/** A transaction of so many events is followed by a pause of one millisecond, of twice as many by two, up to the longest. */
const EVENTS_PER_MS = 4;

export interface Relay {
  /** Something was committed. */
  poke(): void;
  readonly published: number;
  stop(): Promise<void>;
}

/**
 * Gives positions to what has committed, then publishes it in order. The log is the outbox: a crash between the two
 * loses nothing, because the stream itself says how far it got and the rest is read again from the log; the same
 * way a stream that was lost or wiped is filled again. While one batch is being stored the next one is sequenced.
 * Only one relay may be active (see the lock its role holds); a second one would be harmless but slow.
 */
export function startRelay({ log, publisher, ensureStream, logger, batch = 1000, pollMs = 250, paceMs = 25 }: RelayOptions): Relay {
  const bell = new Bell();
  let stopping = false;
  /** Last position known to be stored on JetStream; null: it must be asked. */
  let published: number | null = null;

  /** Where the stream stood when it was last written down: an emptied stream, whose events are too old, begins again there. */
  let booked = 0;
  async function book(): Promise<void> {
    if (published === null || published - booked < BOOK_EVERY) return;
    if (await log.moveCursor(BOOK, booked, published)) booked = published;
  }

  /** The log has lost its end, and has already something else at this position. */
  async function isAnother(position: number, eventId: string | null): Promise<boolean> {
    if (eventId === null) return false;
    const [event] = await log.readSequenced(position - 1, 1);
    return event?.position === position && event.id !== eventId;
  }

  async function catchUp(): Promise<number> {
    await ensureStream();
    booked = await log.cursor(BOOK);
    const { position, eventId } = await publisher.resume(booked);
    const head = await log.head();
    if (position > head || (await isAnother(position, eventId))) throw streamAheadOfLog(position, head);
    let at = position;
    if (at < head) logger.info({ from: at, to: head }, 'filling the event stream from the log');
    while (at < head && !stopping) {
      const events = await log.readSequenced(at, batch);
      if (events.length === 0) break;
      await publisher.publish(events);
      at = events.at(-1)?.position ?? at;
    }
    return at;
  }

  let notBefore = 0;
  /** Waits until the next transaction is due. */
  async function pace(): Promise<void> {
    const left = notBefore - performance.now();
    if (left > 0) await pause(left);
  }

  async function round(): Promise<void> {
    published ??= await catchUp();
    let storing: Promise<void> | null = null;
    let last = published;
    do {
      await pace();
      const events = await log.sequence(batch);
      if (events.length > 0) notBefore = performance.now() + Math.min(paceMs, Math.max(SHORTEST_PAUSE_MS, events.length / EVENTS_PER_MS));
      crashPoint('relay.after-sequence');
      await storing;
      if (events.length === 0) return;
      if (events[0]?.position !== last + 1) {
        published = null; // another relay was here: find out where the stream is
        return;
      }
      last = events.at(-1)?.position ?? last;
      const batchEnd = last;
      storing = publisher.publish(events).then(() => {
        published = batchEnd;
        crashPoint('relay.after-publish');
      });
      crashPointSoon('relay.mid-publish');
      storing.catch(() => undefined); // awaited at the top of the next turn
    } while (!stopping);
    await storing;
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping;) {
      try {
        await round();
        failures = 0;
        await book();
        if (published !== null) await bell.waitAtMost(pollMs);
      } catch (error) {
        published = null;
        failures += 1;
        logger.warn({ error, failures }, 'the relay could not go on; reading again where the stream is');
        await pause(backoffMs(failures));
      }
    }
  }

  const running = run();
  return {
    poke: () => bell.ring(),
    get published() {
      return published ?? 0;
    },
    async stop() {
      stopping = true;
      bell.ring();
      await running;
    },
  };
}
