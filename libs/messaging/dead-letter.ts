import { jetstream } from '@nats-io/jetstream';
import { headers, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { Id, WorkspaceId } from '@agent-platform/contracts/kit/ids';
import { DEAD_HEADERS, HEADERS, parseCommandSubject, parseEventSubject, subjects } from '@agent-platform/contracts/kit/subjects';
import type { Failure } from '@agent-platform/kernel/failure';
import { parseDeliveryInfo } from './delivery.ts';
import { headerValue } from './event-headers.ts';

const MESSAGE_LENGTH = 500;
/** A subject that a stranger made as long as the server allows would be too long with "dead." before it, and cost the connection. */
const TYPE_LENGTH = 200;
/** A JetStream message has headers of 64 KB at most, and those of the dead letter come on top. */
const HEADER_BYTES = 32 * 1024;
const MAX_PAYLOAD = 1_048_576;
/** Room for what a message has besides its headers and payload. */
const MARGIN_BYTES = 1024;

/**
 * Subject of the dead letter of a message: its stream stays in it, so permissions and filters by workspace and stream
 * work. A queued command has no stream yet; its category is `command` and its id the command's.
 */
function deadSubject(subject: string, messageId: string | undefined): string {
  const event = parseEventSubject(subject);
  if (event) return subjects.dead(event, event.type);
  const command = parseCommandSubject(subject);
  const workspace_id = WorkspaceId.safeParse(command?.workspace_id).data ?? 'unknown';
  const stream_id = Id.safeParse(messageId).data ?? 'unknown';
  const type = command && command.type.length <= TYPE_LENGTH ? command.type : 'message.unknown';
  return subjects.dead({ workspace_id, category: 'command', stream_id }, type);
}

const sizeOf = (lines: MsgHdrs): number => {
  let bytes = 0;
  for (const [name, values] of lines) for (const value of values) bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + ': \r\n'.length;
  return bytes;
};

/** The message's own headers: none when they can't be read, or would leave too little room for the payload. */
function ownHeaders(message: Msg): { readonly id: string | undefined; readonly letter: MsgHdrs } {
  const letter = headers();
  try {
    for (const [name, values] of message.headers ?? []) {
      // Instructions to the server are no longer true; the id is replaced below.
      if (!name.startsWith('Nats-')) for (const value of values) letter.append(name, value);
    }
    const id = message.headers?.get(HEADERS.messageId) || undefined;
    return { id: id && id.length <= TYPE_LENGTH ? id : undefined, letter: sizeOf(letter) > HEADER_BYTES ? headers() : letter };
  } catch {
    return { id: undefined, letter: headers() };
  }
}

/**
 * Stores a dead letter; resolves when it is stored, so that only then the message itself may be given up. It always
 * fits: strangers may queue a message that leaves no room for what a dead letter adds, and one that can't be buried
 * would come again for ever.
 */
export async function buryMessage(
  nc: NatsConnection,
  message: Msg,
  why: { readonly consumer: string; readonly subject: string; readonly deliveries: number; readonly failure: Failure },
): Promise<void> {
  const { id, letter } = ownHeaders(message);
  letter.set(DEAD_HEADERS.consumer, why.consumer);
  letter.set(DEAD_HEADERS.subject, why.subject);
  letter.set(DEAD_HEADERS.deliveries, String(why.deliveries));
  letter.set(DEAD_HEADERS.code, headerValue(why.failure.code));
  letter.set(DEAD_HEADERS.message, headerValue(why.failure.message).slice(0, MESSAGE_LENGTH));
  letter.set(DEAD_HEADERS.time, new Date().toISOString());
  if (id) letter.set(DEAD_HEADERS.messageId, id);
  const room = (nc.info?.max_payload ?? MAX_PAYLOAD) - sizeOf(letter) - MARGIN_BYTES;
  if (message.data.length > room) letter.set(DEAD_HEADERS.cutFrom, String(message.data.length));
  await jetstream(nc).publish(deadSubject(why.subject, id), message.data.subarray(0, room), {
    headers: letter,
    // When the acknowledgement gets lost it is buried again: the second one is dropped. The sequence keeps apart the
    // same message redriven and failing again, which must not be dropped.
    msgID: `${why.consumer}:${id}:${parseDeliveryInfo(message.reply ?? '')?.streamSequence}:${message.subject.slice(0, TYPE_LENGTH)}`,
  });
}
