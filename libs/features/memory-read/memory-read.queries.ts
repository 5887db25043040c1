import type { Query } from '@agent-platform/kernel/index';

export const memoryReadQueries: Readonly<Record<string, Query>> = {
  'memory_read.list': {
    kind: 'list',
    projection: 'memory_read',
    table: 'memory_reads',
    filters: { memory_id: { column: 'memory_id', op: 'eq' }, run_id: { column: 'run_id', op: 'eq' } },
    order: [
      { column: 'read_at', direction: 'desc' },
      { column: 'read_id', direction: 'desc' },
      { column: 'memory_id', direction: 'desc' },
    ],
  },
};
