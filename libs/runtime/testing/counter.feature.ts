import type { Command, NewEvent } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { type AnyFeature, defineFeature } from '@agent-platform/kernel/index';

interface Count {
  readonly total: number;
}

/** The smallest feature with a long stream: each event adds to a total. */
export const counterFeature = (stateVersion?: number): AnyFeature =>
  defineFeature<Count, Command, NewEvent>({
    contract: { category: 'counter', events: {}, commands: {}, queries: {}, routes: [] },
    decider: {
      initial: { total: 0 },
      decide: ({ data }) => [{ type: 'counter.added', data: data as { n: number } }],
      evolve: ({ total }, { data }) => ({ total: total + Number(data['n']) }),
    },
    ...(stateVersion !== undefined && { stateVersion }),
    view: () => null,
    projections: [],
    queries: {},
  });

export const COUNTER = { workspace_id: 'acme', category: 'counter', stream_id: 'c1' };

/** Appends events `from` to `to`, each adding its own version. */
export async function count(log: EventLog, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await log.append({
      stream: COUNTER,
      expected: 'any',
      events: [{ type: 'counter.added', schema_version: 1, data: { n } }],
      cause: { actor: 'user:ann', correlation_id: `k${n}` },
    });
  }
}

/** The total after so many of them. */
export const totalOf = (version: number): number => (version * (version + 1)) / 2;
