import { budgetAccountContract } from '@agent-platform/contracts/budget-account/budget-account.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { budgetAccountDecider, type BudgetAccountCommand, type BudgetAccountEvent, type BudgetAccountState } from './budget-account.decider.ts';

export { heldAt } from './budget-account.decider.ts';
export type { BudgetAccountCommand, BudgetAccountEvent, BudgetAccountState };

/** What was spent of a budget by one agent, run or workspace in one period. The model gateway keeps it; the read model is that of budgets. */
export const budgetAccountFeature: Feature<BudgetAccountState, BudgetAccountCommand, BudgetAccountEvent> = defineFeature({
  contract: budgetAccountContract,
  decider: budgetAccountDecider,
  stateVersion: 1,
  view: () => null,
  projections: [],
  queries: {},
});
