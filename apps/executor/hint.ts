import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { NatsConnection } from '@agent-platform/messaging/connect';

/** What a command has just appended, to one of the executors that work on an area: a head start that may be lost. */
export function onHint(nats: NatsConnection, area: string, subject: string, listener: (events: readonly EventEnvelope[]) => void): () => void {
  const subscription = nats.subscribe(subject, {
    queue: `executor-${area}`,
    callback: (error, message) => {
      if (!error) listener(JSON.parse(message.string()) as readonly EventEnvelope[]);
    },
  });
  return () => subscription.unsubscribe();
}
