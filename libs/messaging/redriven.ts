import type { NatsConnection } from '@nats-io/transport-node';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import { ensureDurable } from './durable.ts';
import { STREAMS } from './stream-config.ts';
import { runWorkConsumer, WORK_DEFAULTS, type WorkConsumer, type WorkOptions } from './work-consumer.ts';

/** Both consumers of one name: the stream itself, and what was redriven to it from the dead letters. */
export const together = (consumers: readonly WorkConsumer[]): WorkConsumer => ({
  get inFlight() {
    return consumers.reduce((sum, consumer) => sum + consumer.inFlight, 0);
  },
  async close() {
    await Promise.all(consumers.map((consumer) => consumer.close()));
  },
});

/** What was redriven to a consumer, with the subjects it had before it died. */
export const redriven = (nc: NatsConnection, options: WorkOptions & { readonly name: string }): WorkConsumer => {
  const prefix = subjects.redrive(options.name, '');
  const filters = [subjects.redrive(options.name, '>')];
  const durable = `redrive-${options.name}`;
  return runWorkConsumer(
    nc,
    {
      name: options.name,
      stream: STREAMS.redrive,
      durable,
      ensure: () =>
        ensureDurable(nc, {
          stream: STREAMS.redrive,
          durable,
          filters,
          ackWaitMs: options.ackWaitMs ?? WORK_DEFAULTS.ackWaitMs,
          metadata: { reader: options.name },
        }),
      original: (subject) => subject.slice(prefix.length),
    },
    options,
  );
};
