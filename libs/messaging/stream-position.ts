import { type JetStreamManager, type StoredMsg } from '@nats-io/jetstream';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';
import { STREAMS } from './stream-config.ts';

/** Where a message of the event stream lies, in the stream and in the log. */
export interface StreamPlace {
  readonly sequence: number;
  readonly position: number;
  readonly eventId: string;
}

export interface EventStreamState {
  readonly firstSequence: number;
  /** 0 in a new stream; stays when messages are purged or have aged out. */
  readonly lastSequence: number;
  /** Newest stored event; null when the stream holds none. */
  readonly last: StreamPlace | null;
}

function placeOf(message: StoredMsg | null): StreamPlace | null {
  if (!message) return null;
  const position = Number(message.header.get(HEADERS.position) || NaN);
  return Number.isSafeInteger(position) && position > 0 ? { sequence: message.seq, position, eventId: message.header.get(HEADERS.messageId) } : null;
}

/** Position of the message at a sequence, or of the nearest one before it: others may have written to the subject. */
async function placeAtOrBefore(manager: JetStreamManager, sequence: number, first: number): Promise<StreamPlace | null> {
  for (let at = sequence; at >= first && at > 0; at--) {
    const place = placeOf(await manager.direct.getMessage(STREAMS.events, { seq: at }));
    if (place) return place;
  }
  return null;
}

/** Log position of the message at a sequence, or of the nearest one before it; 0 when there is none. */
export async function positionAt(manager: JetStreamManager, sequence: number): Promise<number> {
  const { firstSequence } = await readEventStream(manager);
  return (await placeAtOrBefore(manager, sequence, firstSequence))?.position ?? 0;
}

/** Log position of the oldest event on the stream; null when it holds none. */
export async function oldestPosition(manager: JetStreamManager): Promise<number | null> {
  const { state } = await manager.streams.info(STREAMS.events);
  if (state.messages === 0) return null;
  // A stream that has lost nothing begins with the log.
  if (state.first_seq === 1) return 1;
  return placeOf(await manager.direct.getMessage(STREAMS.events, { seq: state.first_seq }))?.position ?? null;
}

/** Reads the state of the event stream. Throws the client's error when there is no such stream. */
export async function readEventStream(manager: JetStreamManager): Promise<EventStreamState> {
  const { state } = await manager.streams.info(STREAMS.events);
  const last = state.messages === 0 ? null : await placeAtOrBefore(manager, state.last_seq, state.first_seq);
  return { firstSequence: state.first_seq, lastSequence: state.last_seq, last };
}

/**
 * Sequence of the first event after a position, for a consumer to start at. The distance between sequence and position
 * is constant in practice, so the first guess is right; otherwise a binary search finds it, positions being ordered.
 */
export async function sequenceAfter(manager: JetStreamManager, position: number): Promise<number> {
  const { firstSequence, lastSequence, last } = await readEventStream(manager);
  if (!last || last.position <= position) return lastSequence + 1;
  const guess = last.sequence - (last.position - position);
  if (guess < firstSequence) return firstSequence;
  if ((await placeAtOrBefore(manager, guess, guess))?.position === position) return guess + 1;
  let low = firstSequence;
  let high = last.sequence;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const place = await placeAtOrBefore(manager, middle, firstSequence);
    if (place && place.position > position) high = place.sequence;
    else low = middle + 1;
    if (place && place.position > position && place.sequence === low) break;
  }
  return low;
}
