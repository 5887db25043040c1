import type { Query } from '@agent-platform/kernel/index';

export const jobQueries: Readonly<Record<string, Query>> = {
  'job.timers': {
    kind: 'list',
    projection: 'timers',
    table: 'timers',
    filters: { target_category: { column: 'target_category', op: 'eq' }, target_id: { column: 'target_id', op: 'eq' } },
    order: [
      { column: 'due_at', direction: 'asc' },
      { column: 'timer_id', direction: 'asc' },
    ],
  },
};
