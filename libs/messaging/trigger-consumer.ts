import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureDurable } from './durable.ts';
import { redriven, together } from './redriven.ts';
import { STREAMS } from './stream-config.ts';
import { sequenceAfter } from './stream-position.ts';
import { runWorkConsumer, WORK_DEFAULTS, type WorkConsumer, type WorkOptions } from './work-consumer.ts';

export interface TriggerOptions extends WorkOptions {
  /** Durable name all processes of one kind share, e.g. `executor-run`. Letters, digits, "-" and "_". */
  readonly name: string;
  /** Filter subjects on `evt.>`, not overlapping, e.g. `evt.*.run.*.run.created`. */
  readonly subjects: readonly string[];
  /**
   * Where to start when the durable does not exist, also after a wipe: position whose successors are wanted. Absent: at
   * the first event that is stored.
   */
  readonly startAfterPosition?: () => Promise<number>;
}

/** Events that make executors work. See work-consumer.ts for what is promised. */
export function consumeTriggers(nc: NatsConnection, options: TriggerOptions): WorkConsumer {
  const { name, startAfterPosition } = options;
  const startSequence = startAfterPosition && (async () => sequenceAfter(await jetstreamManager(nc, { checkAPI: false }), await startAfterPosition()));
  const events = runWorkConsumer(
    nc,
    {
      name,
      stream: STREAMS.events,
      durable: name,
      ensure: () =>
        ensureDurable(nc, {
          stream: STREAMS.events,
          durable: name,
          filters: options.subjects,
          ackWaitMs: options.ackWaitMs ?? WORK_DEFAULTS.ackWaitMs,
          metadata: { reader: name },
          ...(startSequence && { startSequence }),
        }),
      original: (subject) => subject,
    },
    options,
  );
  return together([events, redriven(nc, options)]);
}
