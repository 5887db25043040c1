import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import type { SequencedEvent } from '@agent-platform/event-log/event-log';
import { orDisconnect, whenConnected } from './connection-status.ts';
import { encodedHeaders, eventHeaders } from './event-headers.ts';
import { OutOfSync } from './out-of-sync.ts';
import { readEventStream } from './stream-position.ts';

/**
 * Publishes the log on JetStream. Every message names the sequence it must follow, so the server stores events in
 * position order, each once, or not at all, whoever else publishes and whatever gets lost. Only the last message of a
 * chunk asks for an answer: its sequence being the expected one proves that all before it are stored.
 * After any doubt `publish` throws OutOfSync and refuses until `resume()` has looked where the stream stands.
 */
export interface EventPublisher {
  /**
   * Where to go on: position of the newest event on the stream, and its id; null when the stream holds none.
   * Waits while there is no connection.
   * @param stored position the caller has in its own books. Counts when the stream has no messages but had some
   * (purged, aged out); a new stream always starts at 0, so that it is filled from the beginning of the log.
   */
  resume(stored?: number): Promise<{ readonly position: number; readonly eventId: string | null }>;
  /** Stores events that follow the last published one without a gap. Throws OutOfSync. */
  publish(batch: readonly SequencedEvent[]): Promise<void>;
}

/** Messages per answer asked for, and answers waited for at a time. */
const CHUNK = 500;
const IN_FLIGHT = 4;
const ACK_TIMEOUT_MS = 5_000;

const PubAck = z.union([
  z.object({ seq: z.int(), duplicate: z.boolean().optional(), error: z.undefined().optional() }),
  z.object({ error: z.object({ code: z.int(), err_code: z.int().optional(), description: z.string() }) }),
]);

export function createEventPublisher(nc: NatsConnection): EventPublisher {
  let manager: JetStreamManager | undefined;
  /** Unknown until `resume`, and after any doubt. */
  let place: { sequence: number; position: number } | null = null;

  /** Sends one chunk; resolves when the server has stored all of it. Must not await before the last message is sent. */
  const send = (chunk: readonly SequencedEvent[], after: number): Promise<void> => {
    let answer: Promise<Msg> | undefined;
    for (const [i, event] of chunk.entries()) {
      const subject = subjects.event(event.stream, event.type);
      const headers = encodedHeaders(eventHeaders(event, after + i, chunk[i - 1]?.id));
      const body = Buffer.from(event.json, 'utf8');
      if (i < chunk.length - 1) nc.publish(subject, body, { headers });
      else answer = nc.request(subject, body, { headers, timeout: ACK_TIMEOUT_MS });
    }
    if (!answer) return Promise.resolve();
    return orDisconnect(nc, answer).then((ack) => check(ack, after + chunk.length), failed);
  };

  const doubt = (error: unknown): never => {
    place = null;
    throw error;
  };

  return {
    async resume(stored = 0) {
      place = null;
      await whenConnected(nc);
      manager ??= await jetstreamManager(nc, { checkAPI: false });
      const { lastSequence, last } = await orDisconnect(nc, readEventStream(manager));
      const position = last?.position ?? (lastSequence === 0 ? 0 : stored);
      place = { sequence: lastSequence, position };
      return { position, eventId: last?.eventId ?? null };
    },

    async publish(batch) {
      const answers: Promise<void>[] = [];
      for (let from = 0; from < batch.length; from += CHUNK) {
        const chunk = batch.slice(from, from + CHUNK);
        if (!place) throw new OutOfSync('position', 'The place in the stream is unknown; call resume() first.');
        const expected = place.position + 1;
        const wrong = chunk.findIndex((event, i) => event.position !== expected + i);
        if (wrong >= 0) {
          await Promise.allSettled(answers);
          doubt(new OutOfSync('position', `Position ${expected + wrong} should come next, got ${chunk[wrong]?.position}; read the log again from there.`));
        }
        const answer = send(chunk, place.sequence);
        place = { sequence: place.sequence + chunk.length, position: place.position + chunk.length };
        // A later chunk may fail while an earlier one is still awaited; it is looked at below.
        answer.catch(() => undefined);
        answers.push(answer);
        if (answers.length >= IN_FLIGHT) await answers[answers.length - IN_FLIGHT]?.catch(doubt);
      }
      await Promise.all(answers).catch(doubt);
    },
  };
}

function check(answer: Msg, expected: number): void {
  const ack = PubAck.safeParse(answer.json());
  if (!ack.success) throw new OutOfSync('refused', `Not an answer of JetStream: ${answer.string().slice(0, 200)}`);
  if (ack.data.error) throw new OutOfSync('refused', `JetStream refused: ${ack.data.error.description}`);
  if (ack.data.seq !== expected) throw new OutOfSync('sequence', `Stored at sequence ${ack.data.seq}, expected ${expected}.`);
}

function failed(cause: unknown): never {
  const noStream = cause instanceof Error && /no responders/i.test(cause.message);
  throw noStream
    ? new OutOfSync('no-stream', 'No stream takes events; create it with ensureStreams().', cause)
    : new OutOfSync('no-answer', 'JetStream did not answer; what was sent may or may not be stored.', cause);
}
