import { eventContract } from '@agent-platform/contracts/event/event.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { eventDecider, eventView, type EventCommand, type EventEvent, type EventState } from './event.decider.ts';

export type { EventCommand, EventEvent, EventState };

/** Events of other systems. They are read from the log itself, so there is no read model of them. */
export const eventFeature: Feature<EventState, EventCommand, EventEvent> = defineFeature({
  contract: eventContract,
  decider: eventDecider,
  view: eventView,
  projections: [],
  queries: {},
});
