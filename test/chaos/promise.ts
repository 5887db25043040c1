import type { History } from './history.ts';
import type { Entry } from './ledger.ts';
import type { Recording } from './observer.ts';
import type { World } from './world.ts';

export const PROMISES = {
  P1: 'what was acknowledged is in the log',
  P2: 'all events of a command, or none',
  P3: 'versions and positions have no holes, and what a reader saw never changes',
  P4: 'the same key gives the same answer and appends once',
  P5: 'at most one effect per idempotency key',
  P6: 'a result from a lapsed lease changes nothing',
  P7: 'read models equal a rebuild, byte for byte',
  P8: 'everything goes on after healing',
  P11: 'a poison event stops nothing but itself',
} as const;
export type PromiseId = keyof typeof PROMISES;

export interface Violation {
  readonly promise: PromiseId;
  readonly what: string;
}

/** What the checks look at, once faults are over. */
export interface Evidence {
  readonly history: History;
  readonly entries: readonly Entry[];
  readonly recordings: readonly Recording[];
  readonly world: World;
}

export type Check = (evidence: Evidence) => readonly string[];
