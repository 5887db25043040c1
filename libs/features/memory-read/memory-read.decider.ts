import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { memoryReadContract } from '@agent-platform/contracts/memory-read/memory-read.contract';
import { changes, reject, type Decider } from '@agent-platform/kernel/index';

export type MemoryReadCommand = CommandOf<typeof memoryReadContract>;
export type MemoryReadEvent = EventOf<typeof memoryReadContract>;

/** What the search found; null before. */
export type MemoryReadState = MemoryReadEvent['data'] | null;

export const memoryReadDecider: Decider<MemoryReadState, MemoryReadCommand, MemoryReadEvent> = {
  initial: null,
  decide({ data, meta }, state) {
    const { read_id: _, ...read } = data;
    if (state === null) return [{ type: 'memory.read', data: read }];
    if (Object.keys(changes(state, read)).length === 0) return [];
    return reject('conflict', 'memory-read-exists', `"${meta.stream_id}" is a search that was recorded with other contents: take another read_id.`);
  },
  evolve: (_state, event) => event.data,
};

export const memoryReadView = (state: MemoryReadState, id: string): JsonObject | null => state && { id, ...state };
