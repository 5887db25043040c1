import { readFileSync } from 'node:fs';
import type { LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { MemoryReadEvent } from './memory-read.decider.ts';

/** Table `memory_reads`: a row for each memory of each search. */
export const memoryReadProjection: Projection = {
  name: 'memory_read',
  version: 1,
  sql: readFileSync(new URL('./memory-read.sql', import.meta.url), 'utf8'),
  events: ['memory.read'],
  project,
};

function project({ workspace_id, stream_id: read_id, time: read_at, data }: MemoryReadEvent & LoggedEvent): readonly RowChange[] {
  const { run_id, query, memory_ids } = data;
  return memory_ids.map((memory_id) => ({ table: 'memory_reads', key: { workspace_id, read_id, memory_id }, set: { run_id, query, read_at } }));
}
