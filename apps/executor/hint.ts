import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { NatsConnection } from '@agent-platform/messaging/connect';

/** What a command has just appended, to one executor of the group: a head start that may be lost. */
export function onHint(nats: NatsConnection, subject: string, listener: (events: readonly EventEnvelope[]) => void): () => void {
  const subscription = nats.subscribe(subject, {
    queue: 'executor',
    callback: (error, message) => {
      if (!error) listener(JSON.parse(message.string()) as readonly EventEnvelope[]);
    },
  });
  return () => subscription.unsubscribe();
}
