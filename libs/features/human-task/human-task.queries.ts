import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'human_task';
const table = 'human_tasks';

export const humanTaskQueries: Readonly<Record<string, Query>> = {
  'human_task.get': { kind: 'get', projection, table, key: { task_id: 'id' } },
  'human_task.list': {
    kind: 'list',
    projection,
    table,
    filters: {
      ...equal('status', 'task_type', 'assigned_to', 'claimed_by', 'run_id'),
      kind: { column: 'task_type', op: 'eq' },
      assignee: { column: 'assigned_to', op: 'eq' },
    },
    order: newestFirst('created_at', 'id'),
  },
};
