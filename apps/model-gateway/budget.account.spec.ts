import { pino } from 'pino';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { heldAt } from '@agent-platform/budget-account/index';
import { createMemoryEventLog } from '@agent-platform/event-log/testing/memory-event-log';
import { StreamStates } from '@agent-platform/runtime/stream-states';
import { BudgetAccount } from './budget.account.ts';

const LIMIT = 100;
const account = { account_id: 'a', budget_id: 'b', scope: 'workspace', subject_id: null, period_start: 'total' } as const;
const NOW = '2026-01-31T10:00:00.000Z';
const UNTIL = '2026-01-31T10:01:00.000Z';

/** Accounts of several gateways on one log whose appends fail as told: before they are done, or after, when nobody hears of it. */
function gateways(count: number, faults: ('before' | 'after' | 'none')[]) {
  const log = createMemoryEventLog();
  const failing = {
    ...log,
    async append(request: Parameters<typeof log.append>[0]) {
      const fault = faults.shift();
      if (fault === 'before') throw new Error('away');
      const result = await log.append(request);
      if (fault === 'after') throw new Error('unknown');
      return result;
    },
  };
  const parts = { log: failing, states: new StreamStates({ log, logger: pino({ level: 'silent' }) }), now: () => NOW, appended: () => undefined };
  const stream = { workspace_id: 'acme', category: 'budget_account', stream_id: 'a' };
  return Array.from({ length: count }, () => new BudgetAccount(parts, stream));
}

it('appends whose outcome is not known are neither lost nor done twice, whoever else is writing', async () => {
  const fault = fc.constantFrom<'before' | 'after' | 'none'>('before', 'after', 'none', 'none');
  const calls = fc.array(fc.record({ gateway: fc.nat(2), most: fc.integer({ min: 1, max: 40 }), part: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: 1,
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(calls, fc.array(fault, { maxLength: 12 }), async (asked, faults) => {
      const accounts = gateways(3, faults);
      let spent = 0;
      await Promise.all(
        asked.map(async ({ gateway, most, part }, index) => {
          const one = accounts[gateway] as BudgetAccount;
          const call = { call_id: `c${index}` };
          const settle = async (tokens: number): Promise<void> => {
            const booked = await one.book({ type: 'budget_account.settle', data: { account_id: 'a', ...call, tokens, usd: '0' } }).catch(() => null);
            if (!booked) await settle(tokens);
          };
          const data = { ...account, ...call, holder: `g${gateway}`, until: UNTIL, tokens: most, usd: '0', limit_tokens: LIMIT, limit_usd: null };
          const booked = await one.book({ type: 'budget_account.reserve', data }).catch(() => null);
          if (booked?.rejection) return;
          const took = booked ? Math.floor(most * part) : 0;
          spent += took;
          await settle(took);
        }),
      );
      const { state } = await (accounts[0] as BudgetAccount).peek({
        type: 'budget_account.reserve',
        data: { ...account, call_id: 'last', holder: 'g', until: UNTIL, tokens: 0, usd: '0', limit_tokens: 0, limit_usd: null },
      });
      expect([state.spent.tokens, heldAt(state, NOW).tokens]).toEqual([spent, 0]);
      expect(spent).toBeLessThan(LIMIT + 40);
    }),
    { numRuns: 60 },
  );
});

it('what comes in one tick is one append', async () => {
  const appends: number[] = [];
  const log = createMemoryEventLog();
  const counting = { ...log, append: (request: Parameters<typeof log.append>[0]) => (appends.push(request.events.length), log.append(request)) };
  const parts = { log: counting, states: new StreamStates({ log, logger: pino({ level: 'silent' }) }), now: () => NOW, appended: () => undefined };
  const one = new BudgetAccount(parts, { workspace_id: 'acme', category: 'budget_account', stream_id: 'a' });
  const reserve = (call_id: string) => ({ ...account, call_id, holder: 'g', until: UNTIL, tokens: 1, usd: '0', limit_tokens: LIMIT, limit_usd: null });
  await Promise.all(['c1', 'c2', 'c3'].map((id) => one.book({ type: 'budget_account.reserve', data: reserve(id) })));
  expect(appends).toEqual([3]);
});
