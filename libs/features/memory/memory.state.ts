import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { memoryContract } from '@agent-platform/contracts/memory/memory.contract';

export type MemoryCommand = CommandOf<typeof memoryContract>;
export type MemoryEvent = EventOf<typeof memoryContract>;
export type MemoryCreated = Extract<MemoryEvent, { type: 'memory.created' }>['data'];

export interface MemoryState {
  readonly status: 'none' | 'active' | 'revoked' | 'expired' | 'deleted';
  /** What it holds now; null before it was made. */
  readonly memory: MemoryCreated | null;
  readonly reason: string | null;
}

export const initialMemory: MemoryState = { status: 'none', memory: null, reason: null };

export function evolveMemory(state: MemoryState, event: MemoryEvent): MemoryState {
  switch (event.type) {
    case 'memory.created':
      return { status: 'active', memory: event.data, reason: null };
    case 'memory.updated':
      // The fields that changed are there with a value; what is not named stays.
      return { ...state, memory: state.memory && { ...state.memory, ...(event.data as Partial<MemoryCreated>) } };
    case 'memory.revoked':
      return { ...state, status: 'revoked', reason: event.data.reason };
    case 'memory.expired':
      return { ...state, status: 'expired' };
    case 'memory.deleted':
      return { ...state, status: 'deleted' };
  }
}

/** The memory as commands answer it. */
export function memoryView({ status, memory, reason }: MemoryState, id: string): JsonObject | null {
  return memory === null || status === 'deleted' ? null : { id, status, ...memory, reason };
}
