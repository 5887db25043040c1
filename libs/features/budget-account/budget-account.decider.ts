import type { budgetAccountContract } from '@agent-platform/contracts/budget-account/budget-account.contract';
import type { CommandOf, EventOf } from '@agent-platform/contracts/kit/index';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { toMoney, toUnits } from '@agent-platform/kernel/money';

export type BudgetAccountCommand = CommandOf<typeof budgetAccountContract>;
export type BudgetAccountEvent = EventOf<typeof budgetAccountContract>;

interface Amount {
  readonly tokens: number;
  readonly usd: string;
}

/** What was spent, and what is held back for calls under way. */
export interface BudgetAccountState {
  readonly spent: Amount;
  /** By call. */
  readonly open: Readonly<Record<string, Amount & { readonly holder: string }>>;
  /** Until when the reservations of a holder count. */
  readonly until: Readonly<Record<string, string>>;
  /** Calls whose reservation was given up; their holder may still come and say what they took. */
  readonly released: Readonly<Record<string, true>>;
}

const initial: BudgetAccountState = { spent: { tokens: 0, usd: '0' }, open: {}, until: {}, released: {} };

const total = (amounts: readonly Amount[]): Amount => ({
  tokens: amounts.reduce((sum, { tokens }) => sum + tokens, 0),
  usd: toMoney(amounts.reduce((sum, { usd }) => sum + toUnits(usd), 0n)),
});

const sums = (spent: Amount, held: Amount) => ({ spent_tokens: spent.tokens, spent_usd: spent.usd, held_tokens: held.tokens, held_usd: held.usd });

/** What is held back at an instant: nothing for calls whose holder has been silent for too long. */
export const heldAt = ({ open, until }: BudgetAccountState, now: string): Amount =>
  total(Object.values(open).filter(({ holder }) => (until[holder] ?? '') > now));

/** Whether an amount is below both limits. A limit is reached when nothing is left: the last call may go beyond it. */
const below = (amount: Amount, { limit_tokens, limit_usd }: { readonly limit_tokens: number | null; readonly limit_usd: string | null }): boolean =>
  (limit_tokens === null || amount.tokens < limit_tokens) && (limit_usd === null || toUnits(amount.usd) < toUnits(limit_usd));

/** Of what is left a call that can do with less gets the part of one of so many: several fit into a small budget at once. */
const PARTS = 4;

/** What is held back for a call: all that it may take, or its part of what is left where that is less, but no less than it needs. */
function granted(asked: Extract<BudgetAccountCommand, { type: 'budget_account.reserve' }>['data'], taken: Amount): Amount {
  const { tokens, usd, least_tokens = tokens, least_usd = usd, limit_tokens, limit_usd } = asked;
  const units = limit_usd === null ? null : (toUnits(limit_usd) - toUnits(taken.usd)) / BigInt(PARTS);
  return {
    tokens: limit_tokens === null ? tokens : within(least_tokens, Math.floor((limit_tokens - taken.tokens) / PARTS), tokens),
    usd: units === null ? usd : toMoney(within(toUnits(least_usd), units, toUnits(usd))),
  };
}

const within = <N extends number | bigint>(least: N, wanted: N, most: N): N => (wanted > most ? most : wanted < least ? least : wanted);

function decide({ type, data, meta }: BudgetAccountCommand, state: BudgetAccountState): Decision<BudgetAccountEvent> {
  switch (type) {
    case 'budget_account.reserve': {
      const { budget_id, scope, subject_id, period_start, call_id, holder, until } = data;
      if (Object.hasOwn(state.open, data.call_id)) return [];
      const held = heldAt(state, meta.now);
      if (!below(state.spent, data)) return reject('denied', 'budget-exceeded', 'The limit of the budget is reached.');
      const taken = total([state.spent, held]);
      if (!below(taken, data)) return reject('conflict', 'budget-held', 'What is left of the budget is held back for calls under way.');
      const lapsed = Object.entries(state.open).filter(([, { holder }]) => (state.until[holder] ?? '') <= meta.now);
      const released: BudgetAccountEvent = {
        type: 'budget_account.released',
        data: { call_ids: lapsed.map(([call_id]) => call_id), ...sums(state.spent, held) },
      };
      const amount = granted(data, taken);
      const reservation = { budget_id, scope, subject_id, period_start, call_id, holder, until, ...amount };
      return [
        ...(lapsed.length > 0 ? [released] : []),
        { type: 'budget_account.reserved', data: { ...reservation, ...sums(state.spent, total([held, amount])) } },
      ];
    }
    case 'budget_account.settle': {
      const { call_id, tokens, usd } = data;
      // One that is neither was settled before, or never admitted.
      if (!Object.hasOwn(state.open, call_id) && !Object.hasOwn(state.released, call_id)) return [];
      const { [call_id]: _, ...open } = state.open;
      const spent = total([state.spent, { tokens, usd }]);
      return [{ type: 'budget_account.settled', data: { call_id, tokens, usd, ...sums(spent, heldAt({ ...state, open }, meta.now)) } }];
    }
    case 'budget_account.keep': {
      const { holder, until } = data;
      const holds = Object.values(state.open).some((one) => one.holder === holder);
      return holds && (state.until[holder] ?? '') < until ? [{ type: 'budget_account.kept', data: { holder, until } }] : [];
    }
  }
}

function evolve(state: BudgetAccountState, event: BudgetAccountEvent): BudgetAccountState {
  switch (event.type) {
    case 'budget_account.reserved': {
      const { call_id, holder, until, tokens, usd } = event.data;
      return { ...state, open: { ...state.open, [call_id]: { holder, tokens, usd } }, until: { ...state.until, [holder]: until } };
    }
    case 'budget_account.settled': {
      const { call_id, spent_tokens, spent_usd } = event.data;
      const { [call_id]: _, ...open } = state.open;
      const { [call_id]: __, ...released } = state.released;
      return { ...withHolders(state, open), released, spent: { tokens: spent_tokens, usd: spent_usd } };
    }
    case 'budget_account.kept':
      return { ...state, until: { ...state.until, [event.data.holder]: event.data.until } };
    case 'budget_account.released': {
      const gone = new Set(event.data.call_ids);
      const open = Object.fromEntries(Object.entries(state.open).filter(([call_id]) => !gone.has(call_id)));
      return { ...withHolders(state, open), released: { ...state.released, ...Object.fromEntries([...gone].map((call_id) => [call_id, true as const])) } };
    }
  }
}

/** Holders of nothing are forgotten. */
function withHolders(state: BudgetAccountState, open: BudgetAccountState['open']): BudgetAccountState {
  const holders = new Set(Object.values(open).map(({ holder }) => holder));
  return { ...state, open, until: Object.fromEntries(Object.entries(state.until).filter(([holder]) => holders.has(holder))) };
}

export const budgetAccountDecider: Decider<BudgetAccountState, BudgetAccountCommand, BudgetAccountEvent> = { initial, decide, evolve };
