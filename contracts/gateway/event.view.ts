import { EventEnvelope } from '../kit/index.ts';

/** An event as every route shows it. */
export const EventView = EventEnvelope.meta({ id: 'Event' });
