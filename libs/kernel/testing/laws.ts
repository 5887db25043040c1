import { deepStrictEqual } from 'node:assert/strict';
import type { Command } from '@agent-platform/contracts/kit/index';
import fc from 'fast-check';
import { isRejection, type Decider } from '../decider.ts';

/**
 * Checks on generated histories that running any command twice never appends twice. Commands arrive in any order,
 * each with an id of its own, all for one stream.
 */
export function neverAppendsTwice<S, C extends Command, E>(decider: Decider<S, C, E>, commands: fc.Arbitrary<Pick<C, 'type' | 'data'>>): void {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 12 }), (list) => {
      let state = decider.initial;
      list.forEach((command, index) => {
        const meta = {
          command_id: `c${index}`,
          workspace_id: 'acme',
          stream_id: 'it',
          now: '2026-01-01T00:00:00.000Z',
          actor: 'user:ann',
          correlation_id: 'x',
        };
        // The pick keeps type and data paired, which TypeScript can't see through a generic union.
        const whole = { ...command, meta } as unknown as C;
        const first = decider.decide(whole, state);
        if (isRejection(first)) return;
        state = first.reduce<S>((folded, event) => decider.evolve(folded, event), state);
        const second = decider.decide(whole, state);
        if (!isRejection(second)) deepStrictEqual(second, []);
      });
    }),
    { numRuns: 300 },
  );
}
