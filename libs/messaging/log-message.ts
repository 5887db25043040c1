import type { Msg } from '@nats-io/transport-node';
import { HEADERS, eventTypeOf } from '@agent-platform/contracts/kit/subjects';
import { EventEnvelope } from '@agent-platform/contracts/kit/envelope';
import { Failure } from '@agent-platform/kernel/failure';
import type { LoggedEvent } from '@agent-platform/kernel/projection';

/** One event as it came from JetStream. Nothing but the position is parsed before it is asked for. */
export interface LogMessage {
  readonly subject: string;
  /** `<noun>.<verb>`, from the subject. */
  readonly type: string;
  readonly position: number;
  /** Event id. */
  readonly id: string;
  /** Envelope as the log stored it. */
  readonly json: string;
  header(name: string): string | undefined;
  /**
   * Envelope as an object, parsed at each call. Only the relay can write this subject, so the shape is not checked again for
   * every consumer; `checked` does it.
   */
  event(): LoggedEvent;
  /** The same, checked against the schema. Throws Failure('fault', 'event-malformed'). */
  checked(): LoggedEvent;
}

const parse = (message: Msg, position: number): LoggedEvent => {
  const envelope = JSON.parse(message.string()) as EventEnvelope;
  return envelope.position === position ? (envelope as LoggedEvent) : { ...envelope, position };
};

/** Wraps a message of the event stream. */
export function logMessage(message: Msg, position: number): LogMessage {
  const header = (name: string) => message.headers?.get(name) || undefined;
  return {
    get subject() {
      return message.subject;
    },
    get type() {
      return eventTypeOf(message.subject);
    },
    position,
    get id() {
      return header(HEADERS.messageId) ?? '';
    },
    get json() {
      return message.string();
    },
    header,
    event: () => parse(message, position),
    checked() {
      const result = EventEnvelope.safeParse(parse(message, position));
      if (result.success) return { ...result.data, position };
      throw new Failure(
        'fault',
        'event-malformed',
        `The message at position ${position} on ${message.subject} is not an event. Only the relay may publish on evt.>; check the permissions.`,
        { cause: result.error },
      );
    },
  };
}
