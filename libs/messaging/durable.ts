import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiCodes, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { isApiError } from './stream-config.ts';

export interface DurableOptions {
  readonly stream: string;
  readonly durable: string;
  readonly filters: readonly string[];
  readonly ackWaitMs: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Called only when the consumer has to be made: sequence of the stream it starts at. Absent: the first. */
  startSequence?(): Promise<number>;
}

const CONSUMER_EXISTS = 10148;

/** Makes a shared pull consumer with explicit acknowledgement, or brings an existing one up to date. */
export async function ensureDurable(nc: NatsConnection, options: DurableOptions): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const changeable = {
    filter_subjects: [...options.filters],
    ack_wait: nanos(options.ackWaitMs),
    max_ack_pending: 10_000,
    // Counted here: the server would stop delivering without a word.
    max_deliver: -1,
    metadata: { ...options.metadata },
  } satisfies Partial<ConsumerConfig>;
  const info = await manager.consumers.info(options.stream, options.durable).catch((error: unknown) => {
    if (isApiError(error, JetStreamApiCodes.ConsumerNotFound)) return null;
    throw error;
  });
  if (info) {
    const { config } = info;
    const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
    if (config.ack_wait !== changeable.ack_wait || JSON.stringify(filters) !== JSON.stringify(changeable.filter_subjects)) {
      await manager.consumers.update(options.stream, options.durable, changeable);
    }
    return;
  }
  const start = await options.startSequence?.();
  try {
    await manager.consumers.add(options.stream, {
      durable_name: options.durable,
      ack_policy: AckPolicy.Explicit,
      // Every process asks for what it has room for, so there are many small requests.
      max_waiting: 10_000,
      ...(start === undefined ? { deliver_policy: DeliverPolicy.All } : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start }),
      ...changeable,
    });
  } catch (error) {
    // Another process was faster, perhaps with another start.
    if (!isApiError(error, CONSUMER_EXISTS, 10013)) throw error;
  }
}
