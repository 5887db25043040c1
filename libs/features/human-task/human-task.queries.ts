import type { Query } from '@agent-platform/kernel/index';

const projection = 'human_task';
const table = 'human_tasks';

export const humanTaskQueries: Readonly<Record<string, Query>> = {
  'human_task.get': { kind: 'get', projection, table, key: { task_id: 'id' } },
  'human_task.list': {
    kind: 'list',
    projection,
    table,
    filters: {
      status: { column: 'status', op: 'eq' },
      task_type: { column: 'task_type', op: 'eq' },
      kind: { column: 'task_type', op: 'eq' },
      assigned_to: { column: 'assigned_to', op: 'eq' },
      assignee: { column: 'assigned_to', op: 'eq' },
      claimed_by: { column: 'claimed_by', op: 'eq' },
      run_id: { column: 'run_id', op: 'eq' },
    },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
