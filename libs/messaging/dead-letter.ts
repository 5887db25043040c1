import { jetstream } from '@nats-io/jetstream';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { Id, WorkspaceId } from '@agent-platform/contracts/kit/ids';
import { DEAD_HEADERS, HEADERS, parseCommandSubject, parseEventSubject, subjects } from '@agent-platform/contracts/kit/subjects';
import type { Failure } from '@agent-platform/kernel/failure';
import { parseDeliveryInfo } from './delivery.ts';
import { headerValue } from './event-headers.ts';

const MESSAGE_LENGTH = 500;

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
  return subjects.dead({ workspace_id, category: 'command', stream_id }, command?.type ?? 'message.unknown');
}

/** Stores a dead letter; resolves when it is stored, so that only then the message itself may be given up. */
export async function buryMessage(
  nc: NatsConnection,
  message: Msg,
  why: { readonly consumer: string; readonly subject: string; readonly deliveries: number; readonly failure: Failure },
): Promise<void> {
  const letter = headers();
  for (const [name, values] of message.headers ?? []) {
    // Instructions to the server are no longer true; the id is replaced below.
    if (!name.startsWith('Nats-')) for (const value of values) letter.append(name, value);
  }
  const id = message.headers?.get(HEADERS.messageId) || undefined;
  letter.set(DEAD_HEADERS.consumer, why.consumer);
  letter.set(DEAD_HEADERS.subject, why.subject);
  letter.set(DEAD_HEADERS.deliveries, String(why.deliveries));
  letter.set(DEAD_HEADERS.code, headerValue(why.failure.code));
  letter.set(DEAD_HEADERS.message, headerValue(why.failure.message).slice(0, MESSAGE_LENGTH));
  letter.set(DEAD_HEADERS.time, new Date().toISOString());
  if (id) letter.set(DEAD_HEADERS.messageId, id);
  await jetstream(nc).publish(deadSubject(why.subject, id), message.data, {
    headers: letter,
    // When the acknowledgement gets lost it is buried again: the second one is dropped. The sequence keeps apart the
    // same message redriven and failing again, which must not be dropped.
    msgID: `${why.consumer}:${id}:${message.subject}:${parseDeliveryInfo(message.reply ?? '')?.streamSequence}`,
  });
}
