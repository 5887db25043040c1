import { readFileSync } from 'node:fs';
import type { budgetAccountContract } from '@agent-platform/contracts/budget-account/budget-account.contract';
import type { EventOf } from '@agent-platform/contracts/kit/index';
import type { LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { BudgetEvent } from './budget.decider.ts';

type Typed = (BudgetEvent | Exclude<EventOf<typeof budgetAccountContract>, { type: 'budget_account.kept' }>) & LoggedEvent;

/** Tables `budgets` and `budget_accounts`: what is allowed, and what was spent of it. */
export const budgetProjection: Projection = {
  name: 'budget',
  version: 1,
  sql: readFileSync(new URL('./budget.sql', import.meta.url), 'utf8'),
  events: ['budget.changed', 'budget.removed', 'budget_account.reserved', 'budget_account.settled', 'budget_account.released'],
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, time } = event;
  switch (event.type) {
    case 'budget.changed': {
      const { budget_id: id, ...rule } = event.data;
      return [{ table: 'budgets', key: { workspace_id, id }, set: { ...rule, set_at: time } }];
    }
    case 'budget.removed':
      return [{ table: 'budgets', key: { workspace_id, id: event.data.budget_id }, remove: true }];
    case 'budget_account.reserved': {
      const { budget_id, scope, subject_id, period_start } = event.data;
      return account({ budget_id, scope, subject_id, period_start });
    }
    case 'budget_account.settled':
    case 'budget_account.released':
      return account({});
  }
  function account(of: Readonly<Record<string, string | null>>): readonly RowChange[] {
    const { spent_tokens, spent_usd, held_tokens, held_usd } = (event as Exclude<Typed, BudgetEvent>).data;
    return [
      {
        table: 'budget_accounts',
        key: { workspace_id, id: stream_id },
        set: { ...of, spent_tokens, spent_usd, held_tokens, held_usd, changed_at: time },
      },
    ];
  }
}
