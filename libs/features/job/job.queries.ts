import { equal, type Query } from '@agent-platform/kernel/index';

export const jobQueries: Readonly<Record<string, Query>> = {
  'job.timers': {
    kind: 'list',
    projection: 'timers',
    table: 'timers',
    filters: equal('target_category', 'target_id'),
    order: [
      { column: 'due_at', direction: 'asc' },
      { column: 'timer_id', direction: 'asc' },
    ],
  },
};
