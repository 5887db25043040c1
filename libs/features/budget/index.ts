import { budgetContract } from '@agent-platform/contracts/budget/budget.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { budgetAnswer, budgetDecider, type BudgetCommand, type BudgetEvent, type BudgetState } from './budget.decider.ts';
import { budgetProjection } from './budget.projection.ts';
import { budgetQueries } from './budget.queries.ts';

export type { BudgetState };

/** What calls of models may take: one stream for all budgets of a workspace, read before each call. */
export const budgetFeature: Feature<BudgetState, BudgetCommand, BudgetEvent> = defineFeature({
  contract: budgetContract,
  decider: budgetDecider,
  view: () => null,
  answer: budgetAnswer,
  projections: [budgetProjection],
  queries: budgetQueries,
});
