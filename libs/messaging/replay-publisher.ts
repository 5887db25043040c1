import type { NatsConnection } from '@nats-io/transport-node';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import type { SequencedEvent } from '@agent-platform/event-log/event-log';
import { encodedHeaders, eventHeaders } from './event-headers.ts';

/**
 * Publishes events of the log for one debugging replay, on `replay.<replay id>.evt...`. Core NATS: nothing is stored and
 * no stream takes these subjects, so neither projectors nor executors see them. Resolves when the server has them all.
 */
export async function publishReplay(nc: NatsConnection, replayId: string, events: readonly SequencedEvent[]): Promise<void> {
  for (const event of events) {
    nc.publish(subjects.replay(replayId, event.stream, event.type), event.json, { headers: encodedHeaders(eventHeaders(event)) });
  }
  await nc.flush();
}
