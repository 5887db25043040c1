import { z } from 'zod';
import { defineContract, Id, JsonObject } from '../kit/index.ts';

/** Dotted lower-case words, as the platform's own event types are written: `order.shipped`. */
const EventType = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$/, 'must be dotted lower-case words, e.g. order.shipped')
  .max(200);
const Word = z.string().trim().min(1).max(200);

const published = {
  event_type: EventType,
  source_service: Word,
  aggregate_type: Word,
  aggregate_id: Word,
  payload_json: JsonObject,
};

/** A custom event as it was published; reads come from the log itself, so it is not in a read model. */
export const PublishedEventView = z.object({ id: Id, ...published }).meta({ id: 'PublishedEvent' });

/** Events of other systems. Each is a stream of its own: published once, never changed. */
export const eventContract = defineContract({
  category: 'event',
  events: {
    'event.published': {
      summary: 'Another system said that something happened; `event_type` and the rest are its own words.',
      version: 1,
      data: z.object(published),
    },
  },
  commands: {
    'event.publish': {
      summary: 'Publish an event of another system: it is stored in the log and sent on JetStream.',
      target: 'event_id',
      creates: true,
      data: z.strictObject({ event_id: Id.optional(), ...published, payload_json: JsonObject.default({}) }),
      example: {
        event_id: 'shipment-1',
        event_type: 'order.shipped',
        source_service: 'shop',
        aggregate_type: 'order',
        aggregate_id: 'order-1',
        payload_json: { carrier: 'dhl' },
      },
    },
  },
  queries: {},
  routes: [{ method: 'POST', path: '/events', command: 'event.publish', status: 201 }],
});
