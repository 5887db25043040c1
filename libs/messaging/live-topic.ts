import type { NatsConnection } from '@nats-io/transport-node';
import type { StreamRef } from '@agent-platform/contracts/kit/envelope';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import { jsonOf } from './message-json.ts';

/** Publishes on a live topic of a stream: not stored, may be lost, never throws. `data` is JSON. */
export function publishLive(nc: NatsConnection, stream: StreamRef, topic: string, data: unknown): void {
  if (!nc.isClosed() && !nc.isDraining()) nc.publish(subjects.live(stream, topic), JSON.stringify(data));
}

export interface LiveMessage {
  readonly subject: string;
  /** Last token or tokens of the subject, after the stream's id. */
  readonly topic: string;
  readonly data: unknown;
}

const TOPIC_AT = 4;

/**
 * Listens to live topics of one stream until the returned function is called.
 * @param topic one topic, or `>` for all
 */
export function subscribeLive(nc: NatsConnection, stream: StreamRef, topic: string, listener: (message: LiveMessage) => void): () => void {
  const subscription = nc.subscribe(subjects.live(stream, topic), {
    callback(error, message) {
      const data = error ? undefined : jsonOf(message);
      if (data !== undefined) listener({ subject: message.subject, topic: message.subject.split('.').slice(TOPIC_AT).join('.'), data });
    },
  });
  return () => void (nc.isClosed() || subscription.unsubscribe());
}
