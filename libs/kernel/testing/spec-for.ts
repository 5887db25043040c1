import { deepStrictEqual } from 'node:assert/strict';
import type { Command, CommandMeta } from '@agent-platform/contracts/kit/index';
import { fold, isRejection, type Decider } from '../decider.ts';

const META: CommandMeta = {
  command_id: '01900000-0000-7000-8000-000000000001',
  workspace_id: 'acme',
  stream_id: 'it',
  now: '2026-01-01T00:00:00.000Z',
  actor: 'user:ann',
  correlation_id: 'corr-1',
};

/** given / when / then for a decider. `then` also checks the law "the same command again appends nothing". */
export function specFor<S, C extends Command, E>(decider: Decider<S, C, E>, meta: Partial<CommandMeta> = {}) {
  return {
    given: (...history: E[]) => ({
      when(command: Pick<C, 'type' | 'data'>) {
        // The pick keeps type and data paired, which TypeScript can't see through a generic union.
        const whole = { ...command, meta: { ...META, ...meta } } as unknown as C;
        const before = fold(decider, history);
        const decision = decider.decide(whole, before);
        return {
          then(...expected: E[]) {
            if (isRejection(decision)) throw new Error(`rejected: ${decision.code}: ${decision.message}`);
            deepStrictEqual(decision, expected);
            const again = decider.decide(
              whole,
              decision.reduce<S>((state, event) => decider.evolve(state, event), before),
            );
            if (!isRejection(again)) deepStrictEqual(again, [], 'the same command again must append nothing');
          },
          thenRejected(code: string) {
            if (!isRejection(decision)) throw new Error(`not rejected: ${JSON.stringify(decision)}`);
            deepStrictEqual(decision.code, code);
          },
          decision,
        };
      },
    }),
  };
}
