import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import { ensureDurable } from './durable.ts';
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

/** Both consumers of one name: the stream itself, and what was redriven to it from the dead letters. */
const together = (consumers: readonly WorkConsumer[]): WorkConsumer => ({
  get inFlight() {
    return consumers.reduce((sum, consumer) => sum + consumer.inFlight, 0);
  },
  async close() {
    await Promise.all(consumers.map((consumer) => consumer.close()));
  },
});

const redriven = (nc: NatsConnection, options: WorkOptions & { readonly name: string }): WorkConsumer => {
  const prefix = subjects.redrive(options.name, '');
  const filters = [subjects.redrive(options.name, '>')];
  const durable = `redrive-${options.name}`;
  return runWorkConsumer(
    nc,
    {
      name: options.name,
      stream: STREAMS.redrive,
      durable,
      ensure: () => ensureDurable(nc, { stream: STREAMS.redrive, durable, filters, ackWaitMs: options.ackWaitMs ?? WORK_DEFAULTS.ackWaitMs, metadata: { reader: options.name } }),
      original: (subject) => subject.slice(prefix.length),
    },
    options,
  );
};

/** Events that make executors work. See work-consumer.ts for what is promised. */
export function consumeTriggers(nc: NatsConnection, options: TriggerOptions): WorkConsumer {
  const { name, startAfterPosition } = options;
  const startSequence =
    startAfterPosition && (async () => sequenceAfter(await jetstreamManager(nc, { checkAPI: false }), await startAfterPosition()));
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

/** Commands from `cmdq.>`, each to one process. One name for all: a work queue allows one consumer for a subject. */
export function consumeCommandQueue(nc: NatsConnection, options: WorkOptions): WorkConsumer {
  const name = 'commands';
  const queued = runWorkConsumer(
    nc,
    {
      name,
      stream: STREAMS.commands,
      durable: name,
      ensure: () => ensureDurable(nc, { stream: STREAMS.commands, durable: name, filters: ['cmdq.>'], ackWaitMs: options.ackWaitMs ?? WORK_DEFAULTS.ackWaitMs, metadata: { reader: name } }),
      original: (subject) => subject,
    },
    options,
  );
  return together([queued, redriven(nc, { ...options, name })]);
}
