import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';
import type { SequencedEvent } from '@agent-platform/event-log/event-log';

// A header value ends at CR or LF, and the client would refuse it; the envelope keeps the exact text.
// oxlint-disable-next-line no-control-regex -- control characters are what is being replaced
const UNSAFE = /[\u0000-\u001f\u007f]/g;

/** One header value: control characters become spaces, so that no value can add a header. */
export const headerValue = (text: string): string => text.replace(UNSAFE, ' ');

const line = (name: string, value: string | undefined) => (value === undefined ? '' : `${name}: ${headerValue(value)}\r\n`);

/**
 * Headers of an event on the wire, as text. Built by hand: with the client's header object a publish costs 6.5 µs of
 * CPU, with this text 2.3 µs (README, "Measured").
 *
 * @param lastSequence sequence the stream must stand at, or the server drops the message; absent on replays
 * @param previousId id the newest message of the stream must have. The sequence alone is not enough: when somebody else
 * publishes one message in between, the next of ours is dropped and the one after it finds the sequence it expects.
 */
export function eventHeaders(event: SequencedEvent, lastSequence?: number, previousId?: string): string {
  const { cause } = event;
  return (
    'NATS/1.0\r\n' +
    `${HEADERS.position}: ${event.position}\r\n` +
    (lastSequence === undefined ? '' : `Nats-Expected-Last-Sequence: ${lastSequence}\r\n`) +
    (previousId === undefined ? '' : `Nats-Expected-Last-Msg-Id: ${previousId}\r\n`) +
    `${HEADERS.messageId}: ${event.id}\r\n` +
    `${HEADERS.schemaVersion}: ${event.schema_version}\r\n` +
    line(HEADERS.actor, cause.actor) +
    line(HEADERS.correlation, cause.correlation_id) +
    line(HEADERS.causation, cause.causation_id) +
    line(HEADERS.traceparent, cause.traceparent) +
    '\r\n'
  );
}

/**
 * Hands ready header text to the client's publish, which calls nothing but `encode()` on its headers. The object is a
 * real one of the client, so that everything else keeps working should a later version call more.
 */
export function encodedHeaders(text: string): MsgHdrs {
  const bytes = Buffer.from(text, 'utf8');
  return Object.assign(headers(), { encode: () => bytes });
}
