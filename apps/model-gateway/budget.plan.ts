import { BUDGETS, type BudgetRule } from '@agent-platform/contracts/budget/budget.contract';
import { budgetFeature, type BudgetState } from '@agent-platform/budget/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { evolveAll } from '@agent-platform/kernel/index';
import type { CallLabel } from './call.label.ts';
import { Remembered } from './remembered.ts';

/** A budget that a call is for. */
export interface Applying {
  readonly budget_id: string;
  readonly rule: BudgetRule;
  /** The agent or run; null: the workspace. */
  readonly subject_id: string | null;
}

const WORKSPACES = 5_000;

/** Finds the budgets of calls as they are at this moment: of a workspace's budgets only what is new is read. Throws when the log does not answer. */
export function createBudgetPlan(log: Pick<EventLog, 'readStream'>): (label: CallLabel) => Promise<readonly Applying[]> {
  const plans = new Remembered<{ readonly state: BudgetState; readonly version: number }>(WORKSPACES);
  return async (label) => {
    const { workspace_id } = label;
    const known = plans.get(workspace_id) ?? { state: budgetFeature.decider.initial, version: 0 };
    const tail = await log.readStream({ workspace_id, category: budgetFeature.contract.category, stream_id: BUDGETS }, { from: known.version + 1 });
    const version = tail.at(-1)?.version ?? known.version;
    // The log holds what the contract promised.
    const state = evolveAll(budgetFeature.decider, known.state, tail as never[]);
    // Another call may have read further meanwhile.
    if (version >= (plans.get(workspace_id)?.version ?? 0)) plans.set(workspace_id, { state, version });
    return applyingTo(label, state);
  };
}

function applyingTo({ agent_id, run_id }: CallLabel, { budgets }: BudgetState): readonly Applying[] {
  return Object.entries(budgets).flatMap(([budget_id, rule]): Applying[] => {
    if (rule.scope === 'workspace') return [{ budget_id, rule, subject_id: null }];
    const subject_id = rule.scope === 'agent' ? agent_id : run_id;
    return subject_id !== null && (rule.subject_id === null || rule.subject_id === subject_id) ? [{ budget_id, rule, subject_id }] : [];
  });
}
