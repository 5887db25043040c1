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

/** Tells of workspaces whose budgets have just changed, as a hint that may be lost; gives what ends it. */
export type PlanHints = (changed: (workspaceId: string) => void) => () => void;

interface Plan {
  readonly state: BudgetState;
  readonly version: number;
  /** Until when it is taken for the newest, by the monotonic clock. */
  readonly until: number;
}

/** Where a hint is lost, budgets that have changed are noticed after this. */
const TRUSTED_MS = 1_000;

/**
 * Finds the budgets of calls. Of a workspace's budgets only what is new is read; nothing, while no hint came and the last
 * look was a moment ago. Without hints it looks each time. Throws when the log does not answer.
 */
export function createBudgetPlan(log: Pick<EventLog, 'readStream'>, hints: PlanHints | null) {
  const plans = new Remembered<Plan>(WORKSPACES);
  let changes = 0;
  const close = hints?.((workspaceId) => {
    changes++;
    const known = plans.get(workspaceId);
    if (known) plans.set(workspaceId, { ...known, until: 0 });
  });

  const planOf = async (workspace_id: string): Promise<BudgetState> => {
    const known = plans.get(workspace_id) ?? { state: budgetFeature.decider.initial, version: 0, until: 0 };
    const asked = performance.now();
    if (known.until > asked) return known.state;
    const before = changes;
    const tail = await log.readStream({ workspace_id, category: budgetFeature.contract.category, stream_id: BUDGETS }, { from: known.version + 1 });
    const version = tail.at(-1)?.version ?? known.version;
    // The log holds what the contract promised.
    const state = evolveAll(budgetFeature.decider, known.state, tail as never[]);
    // A hint that came while it was read may be of something that was not read.
    const until = hints !== null && changes === before ? asked + TRUSTED_MS : 0;
    // Another call may have read further meanwhile.
    if (version >= (plans.get(workspace_id)?.version ?? 0)) plans.set(workspace_id, { state, version, until });
    return state;
  };

  return { of: async (label: CallLabel): Promise<readonly Applying[]> => applyingTo(label, await planOf(label.workspace_id)), close: () => close?.() };
}

function applyingTo({ agent_id, run_id }: CallLabel, { budgets }: BudgetState): readonly Applying[] {
  return Object.entries(budgets).flatMap(([budget_id, rule]): Applying[] => {
    if (rule.scope === 'workspace') return [{ budget_id, rule, subject_id: null }];
    const subject_id = rule.scope === 'agent' ? agent_id : run_id;
    return subject_id !== null && (rule.subject_id === null || rule.subject_id === subject_id) ? [{ budget_id, rule, subject_id }] : [];
  });
}
