import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { orDisconnect } from './connection-status.ts';
import { STREAMS } from './stream-config.ts';
import { readEventStream } from './stream-position.ts';

/** One consumer as operators see it. */
export interface ConsumerLag {
  readonly stream: string;
  /** Name the reader gave itself; several consumers may have one (a process each). */
  readonly reader: string;
  readonly consumer: string;
  /** Messages not delivered yet. */
  readonly pending: number;
  /** Delivered, not yet settled. */
  readonly unsettled: number;
  readonly redelivered: number;
  /** Requests for messages that wait: 0 while there is a backlog means nobody is there. */
  readonly waiting: number;
}

export interface MessagingHealth {
  /** Newest event on JetStream; 0 for none. Behind the log's head: the relay is behind. */
  readonly position: number;
  readonly streams: readonly { readonly name: string; readonly messages: number; readonly bytes: number }[];
  readonly consumers: readonly ConsumerLag[];
}

/** Reads streams and consumers. Throws when JetStream does not answer: that is the health then. */
export async function messagingHealth(nc: NatsConnection): Promise<MessagingHealth> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const one = async (name: string) => {
    const { state } = await manager.streams.info(name);
    const consumers: ConsumerLag[] = [];
    for await (const info of manager.consumers.list(name)) consumers.push(lagOf(info));
    return { stream: { name, messages: state.messages, bytes: state.bytes }, consumers };
  };
  const all = await orDisconnect(nc, Promise.all(Object.values(STREAMS).map(one)));
  const { last } = await orDisconnect(nc, readEventStream(manager));
  return { position: last?.position ?? 0, streams: all.map(({ stream }) => stream), consumers: all.flatMap(({ consumers }) => consumers) };
}

const lagOf = (info: ConsumerInfo): ConsumerLag => ({
  stream: info.stream_name,
  reader: info.config.metadata?.['reader'] ?? info.name,
  consumer: info.name,
  pending: info.num_pending,
  unsettled: info.num_ack_pending,
  redelivered: info.num_redelivered,
  waiting: info.num_waiting,
});
