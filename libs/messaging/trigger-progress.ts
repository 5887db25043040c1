import { JetStreamApiCodes, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { orDisconnect } from './connection-status.ts';
import { isApiError, STREAMS } from './stream-config.ts';
import { oldestPosition, positionAt, readEventStream } from './stream-position.ts';

/** How far the processes of durables are, in positions of the log. */
export interface TriggerProgress {
  /** By durable: every trigger up to here that JetStream still had was settled, by whichever process. 0: none, or no durable. */
  readonly settled: ReadonlyMap<string, number>;
  /** The oldest event that JetStream still has; null when it has none. Triggers before it come to nobody any more. */
  readonly oldest: number | null;
  /** The newest event that it had when it was asked; 0 when it had none. */
  readonly newest: number;
}

/** Asked in this order, so that what ages out meanwhile is not taken for settled. */
export async function triggerProgress(nc: NatsConnection, durables: readonly string[]): Promise<TriggerProgress> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const ask = async (): Promise<TriggerProgress> => {
    const newest = (await readEventStream(manager)).last?.position ?? 0;
    const settled = await Promise.all(durables.map(async (durable) => [durable, await settledBy(manager, durable, newest)] as const));
    return { settled: new Map(settled), oldest: await oldestPosition(manager), newest };
  };
  return orDisconnect(nc, ask());
}

/** A durable that has nothing before it has settled all there was when it was asked for. */
async function settledBy(manager: JetStreamManager, durable: string, newest: number): Promise<number> {
  const info = await manager.consumers.info(STREAMS.events, durable).catch(unlessMissing);
  if (!info) return 0;
  const { num_pending, num_ack_pending, ack_floor } = info;
  if (num_pending === 0 && num_ack_pending === 0 && newest > 0) return newest;
  return ack_floor.stream_seq === 0 ? 0 : positionAt(manager, ack_floor.stream_seq);
}

function unlessMissing(error: unknown): null {
  if (isApiError(error, JetStreamApiCodes.ConsumerNotFound)) return null;
  throw error;
}
