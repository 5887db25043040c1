import { readFileSync } from 'node:fs';
import { memoryContract } from '@agent-platform/contracts/memory/memory.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { MemoryEvent } from './memory.state.ts';

type Typed = MemoryEvent & LoggedEvent;

/** Table `memories`: all but the deleted ones. It holds no vectors: those are a cache beside it (README). */
export const memoryProjection: Projection = {
  name: 'memory',
  version: 1,
  sql: readFileSync(new URL('./memory.sql', import.meta.url), 'utf8'),
  events: Object.keys(memoryContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id: id, version, time } = event;
  const row = { table: 'memories', key: { workspace_id, id } };
  if (event.type === 'memory.deleted') return [{ ...row, remove: true }];
  return [{ ...row, set: { ...columns(event), version, updated_at: time } }];
}

function columns(event: Exclude<Typed, { type: 'memory.deleted' }>): Readonly<Record<string, Column>> {
  switch (event.type) {
    case 'memory.created':
      return { ...event.data, status: 'active', reason: null, created_by: event.actor, created_at: event.time };
    case 'memory.updated':
      return event.data;
    case 'memory.revoked':
      return { status: 'revoked', reason: event.data.reason };
    case 'memory.expired':
      return { status: 'expired' };
  }
}
