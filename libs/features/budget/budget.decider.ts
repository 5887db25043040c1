import type { budgetContract, BudgetRule } from '@agent-platform/contracts/budget/budget.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { partId, reject, type Decider, type Decision } from '@agent-platform/kernel/index';

export type BudgetCommand = CommandOf<typeof budgetContract>;
export type BudgetEvent = EventOf<typeof budgetContract>;

/** The budgets of a workspace by id. */
export interface BudgetState {
  readonly budgets: Readonly<Record<string, BudgetRule>>;
}

/** All of them are looked at before each call of a model. */
const MOST = 100;

const initial: BudgetState = { budgets: {} };

/** The budget that a command sets: the caller's id, else one of the command's own. */
const idOf = (command: Extract<BudgetCommand, { type: 'budget.set' }>): string => command.data.budget_id ?? partId(command.meta, 'budget');

function decide(command: BudgetCommand, { budgets }: BudgetState): Decision<BudgetEvent> {
  if (command.type === 'budget.remove') {
    const { budget_id } = command.data;
    if (!Object.hasOwn(budgets, budget_id)) return reject('missing', 'budget-not-found', `There is no budget "${budget_id}" in this workspace.`);
    return [{ type: 'budget.removed', data: { budget_id } }];
  }
  const { budgets: _, budget_id: __, ...rule } = command.data;
  const id = idOf(command);
  if (rule.limit_tokens === null && rule.limit_usd === null)
    return invalid('/limit_tokens', 'or limit_usd must be given', 'Name a limit in tokens, in US dollars, or both.');
  if (rule.scope === 'workspace' && rule.subject_id !== null)
    return invalid('/subject_id', 'must be absent for a budget of the workspace', 'Leave it out, or take the scope "agent" or "run".');
  const before = Object.hasOwn(budgets, id) ? budgets[id] : undefined;
  if (!before && Object.keys(budgets).length >= MOST)
    return reject(
      'conflict',
      'budgets-too-many',
      `There are ${MOST} budgets in this workspace already. Remove one; a null subject_id covers every agent or run.`,
    );
  return before && same(before, rule) ? [] : [{ type: 'budget.changed', data: { budget_id: id, ...rule } }];
}

const invalid = (field: string, rule: string, remedy: string) =>
  reject('invalid', 'budget-invalid', `${field.slice(1)} ${rule}. ${remedy}`, [{ field, rule, remedy }]);

const same = (one: BudgetRule, other: BudgetRule): boolean => (Object.keys(one) as (keyof BudgetRule)[]).every((field) => one[field] === other[field]);

function evolve({ budgets }: BudgetState, event: BudgetEvent): BudgetState {
  const { budget_id, ...rule } = event.data;
  const { [budget_id]: _, ...others } = budgets;
  // The id is the last in the object although it may come first in the data: order means nothing here.
  return { budgets: event.type === 'budget.changed' ? { ...others, [budget_id]: rule as BudgetRule } : others };
}

export const budgetDecider: Decider<BudgetState, BudgetCommand, BudgetEvent> = { initial, decide, evolve };

/** The one budget that a command was about. */
export function budgetAnswer(command: BudgetCommand, { budgets }: BudgetState): { id: string; entity: JsonObject } {
  const id = command.type === 'budget.set' ? idOf(command) : command.data.budget_id;
  const rule = budgets[id];
  return { id, entity: rule ? { id, ...rule } : { id, deleted: true } };
}
