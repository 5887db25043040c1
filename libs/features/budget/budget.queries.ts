import type { Query } from '@agent-platform/kernel/index';

const projection = 'budget';

export const budgetQueries: Readonly<Record<string, Query>> = {
  'budget.get': { kind: 'get', projection, table: 'budgets', key: { budget_id: 'id' } },
  'budget.list': {
    kind: 'list',
    projection,
    table: 'budgets',
    filters: { scope: { column: 'scope', op: 'eq' }, subject_id: { column: 'subject_id', op: 'eq' } },
    order: [
      { column: 'set_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
  'budget.usage': {
    kind: 'list',
    projection,
    table: 'budget_accounts',
    filters: {
      budget_id: { column: 'budget_id', op: 'eq' },
      subject_id: { column: 'subject_id', op: 'eq' },
      period_start: { column: 'period_start', op: 'eq' },
    },
    order: [
      { column: 'changed_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
