import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'model_call';

export const modelCallQueries: Readonly<Record<string, Query>> = {
  'model_call.get': { kind: 'get', projection, table: 'model_calls', key: { model_call_id: 'id' } },
  'model_call.list': {
    kind: 'list',
    projection,
    table: 'model_calls',
    filters: { ...equal('run_id', 'skill_run_id', 'agent_id', 'model'), from: { column: 'called_at', op: 'from' }, to: { column: 'called_at', op: 'to' } },
    order: newestFirst('called_at', 'id'),
  },
};
