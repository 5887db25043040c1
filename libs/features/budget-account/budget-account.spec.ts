import { isRejection } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetAccountDecider, heldAt, type BudgetAccountCommand, type BudgetAccountEvent } from './budget-account.decider.ts';

const AT = (seconds: number): string => new Date(Date.UTC(2026, 0, 31, 10, 0, seconds)).toISOString();
const account = { budget_id: 'daily', scope: 'workspace', subject_id: null, period_start: '2026-01-31' } as const;
const reserve = (call_id: string, more: object = {}) =>
  ({
    type: 'budget_account.reserve',
    data: { account_id: 'it', ...account, call_id, holder: 'g1', until: AT(60), tokens: 60, usd: '0.5', limit_tokens: 100, limit_usd: '10', ...more },
  }) as const;
const settle = (call_id: string, tokens: number, usd = '0.1') => ({ type: 'budget_account.settle', data: { account_id: 'it', call_id, tokens, usd } }) as const;
const keep = (until: string) => ({ type: 'budget_account.keep', data: { account_id: 'it', holder: 'g1', until } }) as const;

/** The events of commands one after the other, each at its second; refusals give none. */
function history(...steps: readonly (readonly [seconds: number, Pick<BudgetAccountCommand, 'type' | 'data'>])[]): BudgetAccountEvent[] {
  let state = budgetAccountDecider.initial;
  return steps.flatMap(([seconds, command]) => {
    const meta = { now: AT(seconds), command_id: 'c', workspace_id: 'acme', stream_id: 'it', actor: 'a', correlation_id: 'x' };
    const decided = budgetAccountDecider.decide({ ...command, meta } as BudgetAccountCommand, state);
    if (isRejection(decided)) return [];
    state = decided.reduce((folded, event) => budgetAccountDecider.evolve(folded, event), state);
    return [...decided];
  });
}
const at = (seconds: number) => specFor(budgetAccountDecider, { now: AT(seconds) });
const types = (events: readonly BudgetAccountEvent[]) => events.map(({ type }) => type.split('.')[1]);

test('a call is admitted while something is left, held back for while it runs, and settled once', () => {
  const events = history([0, reserve('a')], [1, reserve('b')], [2, reserve('c')]);
  expect(events.map(({ data }) => data)).toMatchObject([
    { call_id: 'a', held_tokens: 60, held_usd: '0.5' },
    { call_id: 'b', held_tokens: 120, held_usd: '1' },
  ]);
  at(2)
    .given(...events)
    .when(reserve('c'))
    .thenRejected('budget-held');
  const settled = [...events, ...history([0, reserve('a')], [1, reserve('b')], [2, settle('a', 30)], [2, settle('a', 30)]).slice(2)];
  expect(settled.at(-1)).toMatchObject({ type: 'budget_account.settled', data: { spent_tokens: 30, spent_usd: '0.1', held_tokens: 60, held_usd: '0.5' } });
  expect(types(settled)).toEqual(['reserved', 'reserved', 'settled']);
});

test('a call that can do with less gets a quarter of what is left, but no less than it needs, and no more than it may take', () => {
  const least = { tokens: 1000, least_tokens: 20, usd: '4', least_usd: '0.3' };
  const events = history(
    [0, reserve('a', least)],
    [1, reserve('b', least)],
    [2, reserve('c', least)],
    [3, reserve('d', { ...least, tokens: 15, least_tokens: 15 })],
  );
  expect(events.map(({ data }) => data)).toMatchObject([
    { call_id: 'a', tokens: 25, usd: '2.5', held_tokens: 25, held_usd: '2.5' },
    { call_id: 'b', tokens: 20, usd: '1.875' },
    { call_id: 'c', tokens: 20, usd: '1.40625' },
    { call_id: 'd', tokens: 15, held_tokens: 80 },
  ]);
  expect(events.every(({ data }) => !('least_tokens' in data))).toBe(true);
  expect(history([0, reserve('a', { ...least, limit_tokens: null, limit_usd: '100' })])[0]).toMatchObject({ data: { tokens: 1000, usd: '4' } });
});

test('a limit that is reached refuses, in tokens or in money', () => {
  const spent = history([0, reserve('a')], [1, settle('a', 100, '0')]);
  at(2)
    .given(...spent)
    .when(reserve('b'))
    .thenRejected('budget-exceeded');
  const { decision } = at(2)
    .given(...spent)
    .when(reserve('b', { limit_tokens: null, limit_usd: '0.000000000001' }));
  expect(decision).toMatchObject([{ type: 'budget_account.reserved' }]);
  const paid = history([0, reserve('a')], [1, settle('a', 0, '10')]);
  at(2)
    .given(...paid)
    .when(reserve('b'))
    .thenRejected('budget-exceeded');
  at(2)
    .given()
    .when(reserve('b', { limit_tokens: 0 }))
    .thenRejected('budget-exceeded');
});

test('what a silent holder held is free again, and what its call took still counts', () => {
  const held = history([0, reserve('a', { tokens: 100 })]);
  at(59)
    .given(...held)
    .when(reserve('b'))
    .thenRejected('budget-held');
  const after = history([0, reserve('a', { tokens: 100 })], [61, reserve('b', { holder: 'g2', until: AT(120) })], [62, settle('a', 70)], [63, settle('a', 70)]);
  expect(types(after)).toEqual(['reserved', 'released', 'reserved', 'settled']);
  expect(after.at(-1)).toMatchObject({ data: { spent_tokens: 70, held_tokens: 60 } });
});

test('a holder that says it is alive keeps what it holds', () => {
  const kept = history([0, reserve('a', { tokens: 100 })], [30, keep(AT(90))]);
  expect(types(kept)).toEqual(['reserved', 'kept']);
  at(80)
    .given(...kept)
    .when(reserve('b'))
    .thenRejected('budget-held');
  at(0)
    .given()
    .when(keep(AT(90)))
    .then();
});

const call = fc.constantFrom('a', 'b', 'c', 'd');
const commands = fc.oneof(
  fc.tuple(call, fc.integer({ min: 0, max: 80 })).map(([id, tokens]) => reserve(id, { tokens })),
  fc.tuple(call, fc.integer({ min: 0, max: 80 })).map(([id, tokens]) => settle(id, tokens)),
  fc.constant(keep(AT(90))),
);

test('running any command twice never appends twice', () => neverAppendsTwice<never, BudgetAccountCommand, never>(budgetAccountDecider as never, commands));

test('calls that take no more than was held back for them overspend by less than one call', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9)), { maxLength: 40 }), (calls) => {
      let state = budgetAccountDecider.initial;
      const run = (command: Pick<BudgetAccountCommand, 'type' | 'data'>) => {
        const meta = { now: AT(0), command_id: 'c', workspace_id: 'acme', stream_id: 'it', actor: 'a', correlation_id: 'x' };
        const decided = budgetAccountDecider.decide({ ...command, meta } as BudgetAccountCommand, state);
        if (isRejection(decided)) return false;
        state = decided.reduce((folded, event) => budgetAccountDecider.evolve(folded, event), state);
        return true;
      };
      const open: (() => void)[] = [];
      calls.forEach(([tokens, part, ended], index) => {
        if (run(reserve(`c${index}`, { tokens }))) open.push(() => void run(settle(`c${index}`, Math.floor(tokens * part), '0')));
        if (ended < 4) open.shift()?.();
      });
      for (const end of open) end();
      expect(state.spent.tokens).toBeLessThan(100 + 80);
      expect(heldAt(state, AT(0)).tokens).toBe(0);
    }),
  );
});
