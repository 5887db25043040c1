import type { Query } from '@agent-platform/kernel/index';

const projection = 'model_call';

export const modelCallQueries: Readonly<Record<string, Query>> = {
  'model_call.get': { kind: 'get', projection, table: 'model_calls', key: { model_call_id: 'id' } },
  'model_call.list': {
    kind: 'list',
    projection,
    table: 'model_calls',
    filters: {
      run_id: { column: 'run_id', op: 'eq' },
      skill_run_id: { column: 'skill_run_id', op: 'eq' },
      agent_id: { column: 'agent_id', op: 'eq' },
      model: { column: 'model', op: 'eq' },
      from: { column: 'called_at', op: 'from' },
      to: { column: 'called_at', op: 'to' },
    },
    order: [
      { column: 'called_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
