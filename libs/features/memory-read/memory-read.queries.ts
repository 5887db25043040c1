import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

export const memoryReadQueries: Readonly<Record<string, Query>> = {
  'memory_read.list': {
    kind: 'list',
    projection: 'memory_read',
    table: 'memory_reads',
    filters: equal('memory_id', 'run_id'),
    order: newestFirst('read_at', 'read_id', 'memory_id'),
  },
};
