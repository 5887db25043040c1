import { BudgetUsageView, BudgetView } from '@agent-platform/contracts/budget/budget.contract';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetDecider, type BudgetCommand, type BudgetEvent } from './budget.decider.ts';
import { budgetProjection } from './budget.projection.ts';

const { given } = specFor(budgetDecider);
const rule = { scope: 'workspace', subject_id: null, period: 'day', limit_tokens: 100, limit_usd: null, output_tokens: 50 } as const;
const set = (more: object = {}) => ({ type: 'budget.set', data: { budgets: 'budgets', budget_id: 'daily', ...rule, ...more } }) as const;
const remove = { type: 'budget.remove', data: { budgets: 'budgets', budget_id: 'daily' } } as const;
const changed = (more: object = {}): BudgetEvent => ({ type: 'budget.changed', data: { budget_id: 'daily', ...rule, ...more } });
const removed: BudgetEvent = { type: 'budget.removed', data: { budget_id: 'daily' } };

test('set makes one or changes it, remove ends it, and nothing is recorded twice', () => {
  given().when(set()).then(changed());
  given(changed()).when(set()).then();
  given(changed())
    .when(set({ limit_tokens: 5 }))
    .then(changed({ limit_tokens: 5 }));
  given(changed()).when(remove).then(removed);
  given().when(remove).thenRejected('budget-not-found');
  given(changed(), removed).when(remove).thenRejected('budget-not-found');
  neverAppendsTwice(budgetDecider, fc.constantFrom<Pick<BudgetCommand, 'type' | 'data'>>(set(), set({ limit_tokens: 5 }), remove));
});

test('one without an id gets its own, the same for the same command', () => {
  const { decision } = given().when(set({ budget_id: undefined }));
  expect(decision).toMatchObject([{ data: { budget_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } }]);
});

test('a budget without a limit, one of the workspace for somebody, and too many of them are refused', () => {
  given()
    .when(set({ limit_tokens: null }))
    .thenRejected('budget-invalid');
  given()
    .when(set({ subject_id: 'agent-1' }))
    .thenRejected('budget-invalid');
  const many = Array.from({ length: 100 }, (_, at): BudgetEvent => ({ type: 'budget.changed', data: { ...rule, budget_id: `b${at}` } }));
  given(...many)
    .when(set())
    .thenRejected('budgets-too-many');
});

test('budgets and what was spent of them are rows', () => {
  const sums = { spent_tokens: 0, spent_usd: '0', held_tokens: 50, held_usd: '0.1' };
  const account = { budget_id: 'daily', scope: 'workspace', subject_id: null, period_start: '2026-01-31' };
  const reserved = {
    type: 'budget_account.reserved',
    data: { ...account, call_id: 'c', holder: 'h', until: '2026-01-31T00:01:00.000Z', tokens: 50, usd: '0.1', ...sums },
  };
  const settled = { type: 'budget_account.settled', data: { call_id: 'c', tokens: 7, usd: '0', ...sums, spent_tokens: 7, held_tokens: 0, held_usd: '0' } };
  const tables = tablesOf(budgetProjection, [changed(), reserved, settled], { stream_id: 'account-1' });
  expect(BudgetView.parse(tables['budgets']?.[0])).toMatchObject({ id: 'daily', limit_tokens: 100 });
  expect(BudgetUsageView.parse(tables['budget_accounts']?.[0])).toMatchObject({ id: 'account-1', ...account, spent_tokens: 7, held_tokens: 0 });
  expect(tablesOf(budgetProjection, [changed(), removed])['budgets']).toEqual([]);
});
