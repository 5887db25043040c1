import { isDeepStrictEqual } from 'node:util';
import type { eventContract } from '@agent-platform/contracts/event/event.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { reject, type Decider } from '@agent-platform/kernel/index';

export type EventCommand = CommandOf<typeof eventContract>;
export type EventEvent = EventOf<typeof eventContract>;

/** What was published; null before. */
export type EventState = EventEvent['data'] | null;

export const eventDecider: Decider<EventState, EventCommand, EventEvent> = {
  initial: null,
  decide({ data, meta }, state) {
    const { event_id: _, ...published } = data;
    if (state === null) return [{ type: 'event.published', data: published }];
    if (isDeepStrictEqual(state, published)) return [];
    return reject(
      'conflict',
      'event-exists',
      `The event "${meta.stream_id}" was published with other contents, and events never change: take another event_id.`,
    );
  },
  evolve: (_state, event) => event.data,
};

export const eventView = (state: EventState, id: string): JsonObject | null => state && { id, ...state };
