import { JetStreamApiCodes, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { orDisconnect } from './connection-status.ts';
import { isApiError, STREAMS } from './stream-config.ts';
import { oldestPosition, positionAt, readEventStream } from './stream-position.ts';

/** How far the processes of a durable are, in positions of the log. */
export interface TriggerProgress {
  /** Every trigger up to here that JetStream still had was settled, by whichever process. 0: none, or no durable. */
  readonly settled: number;
  /** The oldest event that JetStream still has; null when it has none. Triggers before it come to nobody any more. */
  readonly oldest: number | null;
}

/** Asked in this order, so that what ages out meanwhile is not taken for settled. */
export async function triggerProgress(nc: NatsConnection, durable: string): Promise<TriggerProgress> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  return orDisconnect(
    nc,
    (async () => {
      const { last } = await readEventStream(manager);
      const info = await manager.consumers.info(STREAMS.events, durable).catch(unlessMissing);
      const idle = info !== null && info.num_pending === 0 && info.num_ack_pending === 0;
      const floor = info?.ack_floor.stream_seq ?? 0;
      const settled = idle && last ? last.position : floor === 0 ? 0 : await positionAt(manager, floor);
      return { settled, oldest: await oldestPosition(manager) };
    })(),
  );
}

function unlessMissing(error: unknown): null {
  if (isApiError(error, JetStreamApiCodes.ConsumerNotFound)) return null;
  throw error;
}
