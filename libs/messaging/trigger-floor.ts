import { JetStreamApiCodes, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { orDisconnect } from './connection-status.ts';
import { isApiError, STREAMS } from './stream-config.ts';
import { positionAt } from './stream-position.ts';

/**
 * Log position up to which every trigger of a durable has been settled, by whichever process: where to begin again when
 * JetStream loses the durable. 0 when nothing has been settled yet, or when there is no durable.
 */
export async function triggerFloor(nc: NatsConnection, durable: string): Promise<number> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const info = await orDisconnect(nc, manager.consumers.info(STREAMS.events, durable)).catch(unlessMissing);
  if (!info) return 0;
  const { ack_floor } = info;
  return ack_floor.stream_seq === 0 ? 0 : orDisconnect(nc, positionAt(manager, ack_floor.stream_seq));
}

function unlessMissing(error: unknown): null {
  if (isApiError(error, JetStreamApiCodes.ConsumerNotFound)) return null;
  throw error;
}
