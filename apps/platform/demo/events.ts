import { DeliverPolicy, type NatsConnection } from 'nats';
import { z } from 'zod';
import { patiently, Away } from './patience.ts';

const Event = z.object({
  id: z.string(),
  type: z.string(),
  category: z.string(),
  stream_id: z.string(),
  version: z.int(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type DemoEvent = z.output<typeof Event>;

/** How soon a silent server is noticed: half of it is the heartbeat. */
const EXPIRES_MS = 2_000;

/**
 * Every event of a workspace, once and in order, as any client of NATS can have them: from JetStream, where an ordered
 * consumer goes on behind the last message it saw when the server was away.
 */
export async function* eventsOf(nats: NatsConnection, workspace: string, after: number): AsyncGenerator<DemoEvent> {
  const seen = new Map<string, number>();
  let last = after;
  for (;;) {
    const messages = await patiently(async () => {
      try {
        const consumer = await nats.jetstream().consumers.get('EVT', {
          filterSubjects: `evt.${workspace}.>`,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: last + 1,
        });
        return await consumer.consume({ expires: EXPIRES_MS });
      } catch (error) {
        throw new Away('evt.> can’t be read', error);
      }
    });
    for await (const message of messages) {
      last = message.seq;
      const event = Event.parse(message.json());
      const stream = `${event.category}/${event.stream_id}`;
      // A publisher that died in between may publish an event again: versions tell.
      if (event.version <= (seen.get(stream) ?? 0)) continue;
      seen.set(stream, event.version);
      yield event;
    }
  }
}

/** The newest message on JetStream: what comes behind it is new. */
export const newestEvent = (nats: NatsConnection): Promise<number> =>
  patiently(async () => {
    try {
      const manager = await nats.jetstreamManager();
      return (await manager.streams.info('EVT')).state.last_seq;
    } catch (error) {
      throw new Away('the stream EVT can’t be read', error);
    }
  });
