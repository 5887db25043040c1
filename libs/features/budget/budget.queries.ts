import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'budget';

export const budgetQueries: Readonly<Record<string, Query>> = {
  'budget.get': { kind: 'get', projection, table: 'budgets', key: { budget_id: 'id' } },
  'budget.list': {
    kind: 'list',
    projection,
    table: 'budgets',
    filters: equal('scope', 'subject_id'),
    order: newestFirst('set_at', 'id'),
  },
  'budget.usage': {
    kind: 'list',
    projection,
    table: 'budget_accounts',
    filters: equal('budget_id', 'subject_id', 'period_start'),
    order: newestFirst('changed_at', 'id'),
  },
};
