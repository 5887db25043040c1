import { setTimeout as wait } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy, jetstreamManager, ReplayPolicy } from '@nats-io/jetstream';
import { type Msg, type NatsConnection, nanos, nuid } from '@nats-io/transport-node';
import { orDisconnect, whenConnected } from './connection-status.ts';
import { contiguity } from './contiguity.ts';
import { acknowledge, positionOf } from './delivery.ts';
import { type LogMessage, logMessage } from './log-message.ts';
import { openPull, type Pull } from './pull.ts';
import { STREAMS } from './stream-config.ts';
import { readEventStream, sequenceAfter } from './stream-position.ts';

/**
 * The log as batches, for projectors. The caller's checkpoint is the truth; the consumer on the server is only a way to
 * get the messages and is made anew from the position the caller has, at start and whenever it is missing, the stream
 * was wiped, or it has stopped. Repeats are dropped here; a hole is told, never skipped.
 * A crash loses nothing: the next process starts after its own checkpoint.
 */
export interface LogConsumer extends AsyncIterable<LogBatch> {
  /** Position after which the next batch starts, as far as batches were handed out. */
  readonly position: number;
  close(): void;
}

export interface LogBatch {
  /** Ascending, none repeated, without a hole between them. Never empty. */
  readonly messages: readonly LogMessage[];
  /**
   * Positions that should have come before the first message and did not: read them from the log first.
   * Always null for a filtered consumer, which can't know; see contiguity.ts.
   */
  readonly missing: { readonly from: number; readonly to: number } | null;
  readonly lastPosition: number;
  /** Call it after the commit: one acknowledgement for all. */
  ack(): void;
}

export interface LogConsumerOptions {
  /** Name of the reader, e.g. `projector-runs`: shown in lag reports. Letters, digits, "-" and "_". */
  readonly name: string;
  /** Filter subjects; absent: every event. */
  readonly filters?: readonly string[];
  readonly startAfterPosition: number;
  /** Most messages of one batch; twice as many are held in memory. */
  readonly batch?: number;
  /** How often a quiet consumer is compared with the stream. */
  readonly watchdogMs?: number;
  /** Told when the consumer had to be made anew, with the reason. For the log. */
  readonly onRestart?: (reason: string) => void;
}

const RETRY_MS = 500;

export function consumeLog(nc: NatsConnection, options: LogConsumerOptions): LogConsumer {
  const size = options.batch ?? 500;
  const filtered = (options.filters?.length ?? 0) > 0;
  let position = options.startAfterPosition;
  let buffer: Msg[] = [];
  let pull: Pull | null = null;
  let consumer = '';
  /** Taken from the buffer and not yet asked for again. */
  let taken = 0;
  let opened = 0;
  let closed = false;
  let wake = () => {};
  let heard = Date.now();

  const lost = (reason: string) => {
    pull?.close();
    pull = null;
    if (!closed) options.onRestart?.(reason);
    wake();
  };

  const start = async () => {
    const manager = await jetstreamManager(nc, { checkAPI: false });
    if (consumer) await manager.consumers.delete(STREAMS.events, consumer).catch(() => false);
    // A name of its own for each start: two processes reading as the same reader must not take each other's messages.
    consumer = `${options.name}-${nuid.next()}`;
    await manager.consumers.add(STREAMS.events, {
      name: consumer,
      metadata: { reader: options.name },
      ack_policy: AckPolicy.All,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: await sequenceAfter(manager, position),
      replay_policy: ReplayPolicy.Instant,
      ...(filtered && { filter_subjects: [...(options.filters ?? [])] }),
      max_ack_pending: size * 2,
      ack_wait: nanos(60_000),
      // Removes itself when its process is gone.
      inactive_threshold: nanos(60_000),
    });
    if (closed) {
      await manager.consumers.delete(STREAMS.events, consumer).catch(() => false);
      return;
    }
    // What was buffered comes again from the new consumer.
    buffer = [];
    heard = Date.now();
    pull = openPull(nc, STREAMS.events, consumer, {
      message(message) {
        heard = Date.now();
        buffer.push(message);
        if (buffer.length === 1) wake();
      },
      lost,
    });
    taken = 0;
    opened = Date.now();
    pull.request(size * 2);
  };

  const restart = async () => {
    await whenConnected(nc);
    await orDisconnect(nc, start());
  };

  /** A consumer can stop without an error (nats-server #4736), and a stream can be restored from an older copy. */
  const watch = async () => {
    if (!pull || buffer.length > 0 || Date.now() - heard < (options.watchdogMs ?? 10_000)) return;
    const manager = await jetstreamManager(nc, { checkAPI: false });
    const [stream, info] = await Promise.all([readEventStream(manager), manager.consumers.info(STREAMS.events, consumer)]);
    if (!pull || buffer.length > 0) return;
    if (info.delivered.stream_seq > stream.lastSequence) lost('the stream is shorter than what it delivered');
    else if (info.num_pending > 0 && info.num_ack_pending < size * 2) lost('messages are waiting and none arrives');
    else if (!filtered && info.num_pending === 0 && stream.last && stream.last.position > position) lost('the stream holds newer events');
  };
  const watchdog = setInterval(() => void watch().catch(() => undefined), options.watchdogMs ?? 10_000);
  watchdog.unref();

  /** Takes what has arrived, up to one batch: repeats dropped, cut at a hole. */
  const take = (): LogBatch | null => {
    const messages: LogMessage[] = [];
    let used = 0;
    let missing: LogBatch['missing'] = null;
    let last: Msg | undefined;
    for (const message of buffer) {
      if (messages.length === size) break;
      const at = positionOf(message);
      const order = contiguity(position, at);
      if (order === 'hole' && !filtered) {
        if (messages.length > 0) break;
        missing = { from: position + 1, to: at - 1 };
      }
      used++;
      last = message;
      if (order === 'repeat') continue;
      position = at;
      messages.push(logMessage(message, at));
    }
    buffer = buffer.slice(used);
    const from = pull;
    // Asked for in halves: a request for every few messages would cost more than they do.
    taken += used;
    if (taken >= size / 2) {
      from?.request(taken);
      taken = 0;
    }
    if (messages.length === 0) {
      if (last) acknowledge.ack(last);
      return null;
    }
    const lastPosition = position;
    return {
      messages,
      missing,
      lastPosition,
      ack() {
        if (last && pull === from) acknowledge.ack(last);
      },
    };
  };

  async function* batches(): AsyncGenerator<LogBatch> {
    try {
      while (!closed) {
        if (!pull) {
          // Whatever ended the last one at once would end the next one at once.
          if (Date.now() - opened < RETRY_MS) await wait(RETRY_MS);
          const failure = await restart().then(
            () => null,
            (error: unknown) => error,
          );
          if (failure !== null && !closed) {
            if (nc.isClosed()) return;
            await wait(RETRY_MS);
            continue;
          }
        }
        const batch = buffer.length > 0 ? take() : null;
        if (batch) yield batch;
        else if (buffer.length === 0 && pull && !closed) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      close();
    }
  }

  const close = () => {
    if (closed) return;
    closed = true;
    clearInterval(watchdog);
    pull?.close();
    pull = null;
    wake();
    if (consumer && !nc.isClosed() && !nc.isDraining()) {
      void jetstreamManager(nc, { checkAPI: false })
        .then((manager) => manager.consumers.delete(STREAMS.events, consumer))
        .catch(() => undefined);
    }
  };
  return {
    get position() {
      return position;
    },
    [Symbol.asyncIterator]: batches,
    close,
  };
}
