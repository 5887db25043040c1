import { jetstream, JetStreamApiCodes, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { DEAD_HEADERS, HEADERS, subjects } from '@agent-platform/contracts/kit/subjects';
import { Failure } from '@agent-platform/kernel/failure';
import { isApiError, STREAMS } from './stream-config.ts';

/** A message a consumer gave up on, with why. */
export interface DeadLetter {
  /** Sequence on the DEAD stream. */
  readonly id: number;
  /** Consumer that gave up; redriving goes to it and to nobody else. */
  readonly consumer: string;
  /** Subject of the message it was. */
  readonly subject: string;
  readonly message_id: string | null;
  readonly code: string;
  readonly message: string;
  readonly deliveries: number;
  readonly time: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Payload as text. */
  readonly payload: string;
  /** Bytes of the whole payload when only its beginning could be kept; null: all of it is here. */
  readonly cut_from_bytes: number | null;
}

const deadLetter = (message: StoredMsg): DeadLetter => {
  const get = (name: string) => message.header.get(name);
  return {
    id: message.seq,
    consumer: get(DEAD_HEADERS.consumer),
    subject: get(DEAD_HEADERS.subject),
    message_id: get(DEAD_HEADERS.messageId) || null,
    code: get(DEAD_HEADERS.code),
    message: get(DEAD_HEADERS.message),
    deliveries: Number(get(DEAD_HEADERS.deliveries)),
    time: get(DEAD_HEADERS.time),
    headers: Object.fromEntries([...message.header].map(([name, values]) => [name, values.join(', ')])),
    payload: message.string(),
    cut_from_bytes: Number(get(DEAD_HEADERS.cutFrom)) || null,
  };
};

/** Dead letters, oldest first, after an id; of one workspace when given. */
export async function listDeadLetters(
  nc: NatsConnection,
  options: { readonly workspaceId?: string; readonly after?: number; readonly limit?: number } = {},
): Promise<DeadLetter[]> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const { state } = await manager.streams.info(STREAMS.dead);
  const seq = Math.max(state.first_seq, (options.after ?? 0) + 1);
  if (state.messages === 0 || seq > state.last_seq) return [];
  const letters: DeadLetter[] = [];
  const filter = options.workspaceId === undefined ? 'dead.>' : `dead.${options.workspaceId}.>`;
  try {
    for await (const message of await manager.direct.getBatch(STREAMS.dead, { seq, batch: options.limit ?? 100, next_by_subj: filter }))
      letters.push(deadLetter(message));
  } catch (error) {
    if (!(error instanceof Error && /no results|empty request|not found/i.test(error.message))) throw error;
  }
  return letters;
}

async function stored(nc: NatsConnection, id: number): Promise<StoredMsg> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const message = await manager.direct.getMessage(STREAMS.dead, { seq: id });
  if (message) return message;
  throw new Failure('missing', 'dead-letter-not-found', `There is no dead letter ${id}; it may have been redriven or removed.`);
}

/** One dead letter. Throws Failure('missing', 'dead-letter-not-found'). */
export const getDeadLetter = async (nc: NatsConnection, id: number): Promise<DeadLetter> => deadLetter(await stored(nc, id));

/** A longer one with "redrive.<consumer>." before it could exceed the server's line of 4,096 bytes, which costs the connection. */
const SUBJECT_LENGTH = 3_500;

/** Why a dead letter can't be given back; null when it can. */
export function whyNotRedriven({ id, subject, cut_from_bytes }: DeadLetter): Failure | null {
  if (cut_from_bytes !== null)
    return new Failure('conflict', 'dead-letter-cut', `Dead letter ${id} holds only the beginning of ${cut_from_bytes} bytes; send the message anew.`);
  if (Buffer.byteLength(subject) > SUBJECT_LENGTH)
    return new Failure('conflict', 'dead-letter-subject', `The subject of dead letter ${id} is too long to be published again; remove it.`);
  return null;
}

/**
 * Gives a dead letter back to the consumer that gave up on it, counting deliveries afresh, and takes it off the list.
 * It goes over `redrive.<consumer>.<original subject>`, because publishing on `evt.>` again would put an old event
 * behind newer ones for everybody. A crash in between leaves it on the list: redriving twice is harmless, handlers are
 * idempotent. Throws Failure('missing', 'dead-letter-not-found'), Failure('conflict', 'dead-letter-redriven') or what
 * `whyNotRedriven` says.
 */
export async function redriveDeadLetter(nc: NatsConnection, id: number): Promise<DeadLetter> {
  const message = await stored(nc, id);
  const letter = deadLetter(message);
  const refusal = whyNotRedriven(letter);
  if (refusal) throw refusal;
  const again = headers();
  const dead = new Set<string>(Object.values(DEAD_HEADERS));
  for (const [name, values] of message.header) {
    if (!dead.has(name) && !name.startsWith('Nats-')) for (const value of values) again.append(name, value);
  }
  if (letter.message_id) again.set(HEADERS.messageId, letter.message_id);
  const ack = await jetstream(nc).publish(subjects.redrive(letter.consumer, letter.subject), message.data, { headers: again });
  if (ack.duplicate)
    throw new Failure('conflict', 'dead-letter-redriven', `The message of dead letter ${id} was redriven a moment ago; try again in a few seconds.`);
  await removeDeadLetter(nc, id);
  return letter;
}

/** Takes a dead letter off the list for good. Absent already: nothing happens. */
export async function removeDeadLetter(nc: NatsConnection, id: number): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  await manager.streams.deleteMessage(STREAMS.dead, id).catch((error: unknown) => {
    if (!isApiError(error, JetStreamApiCodes.NoMessageFound, 10043)) throw error;
  });
}
