import { z } from 'zod';
import { defineContract, Id, pageOf, PageParams, Time } from '../kit/index.ts';

const MemoryIds = z.array(Id).min(1).max(100);
const Query = z.string().max(4000);

/** One memory that one search of a run found. */
export const MemoryReadView = z
  .object({
    workspace_id: z.string(),
    read_id: Id.meta({ description: 'The search' }),
    memory_id: Id,
    run_id: Id,
    query: Query,
    read_at: Time,
  })
  .meta({ id: 'MemoryReading' });

/** Which run read which memories: one stream, and one event, per search, however many memories it found. */
export const memoryReadContract = defineContract({
  category: 'memory_read',
  events: {
    'memory.read': {
      summary: 'A run searched memories and was given these.',
      version: 1,
      data: z.object({ run_id: Id, query: Query, memory_ids: MemoryIds }),
    },
  },
  commands: {
    'memory_read.record': {
      summary: 'Record which memories a search gave to a run.',
      target: 'read_id',
      creates: true,
      internal: true,
      data: z.strictObject({ read_id: Id.optional(), run_id: Id, query: Query, memory_ids: MemoryIds }),
      example: { read_id: 'read-1', run_id: 'run-1', query: 'how to answer', memory_ids: ['memory-1'] },
    },
  },
  queries: {
    'memory_read.list': {
      summary: 'Which runs read which memories, newest first.',
      params: z.object({ ...PageParams, memory_id: Id.optional(), run_id: Id.optional() }),
      result: pageOf(MemoryReadView),
    },
  },
  routes: [
    { method: 'GET', path: '/memories/reads', query: 'memory_read.list' },
    { method: 'GET', path: '/memories/{memory_id}/reads', query: 'memory_read.list' },
  ],
});
