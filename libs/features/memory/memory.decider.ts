import { changes, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import { evolveMemory, initialMemory, type MemoryCommand, type MemoryCreated, type MemoryEvent, type MemoryState } from './memory.state.ts';

type Of<T extends MemoryCommand['type']> = Extract<MemoryCommand, { type: T }>;

function decide(command: MemoryCommand, state: MemoryState): Decision<MemoryEvent> {
  const { memory } = state;
  if (command.type === 'memory.create') return create(command, state);
  // A timer that comes too late is no mistake of anybody's, nor is one of an expiry that was changed since.
  if (command.type === 'memory.expire') {
    const { expires_at } = command.data;
    return state.status === 'active' && memory?.expires_at === expires_at ? [{ type: 'memory.expired', data: { expires_at } }] : [];
  }
  if (memory === null) return reject('missing', 'memory-not-found', `There is no memory "${command.meta.stream_id}" in this workspace.`);
  switch (command.type) {
    case 'memory.delete':
      return state.status === 'deleted' ? [] : [{ type: 'memory.deleted', data: {} }];
    case 'memory.revoke':
      if (state.status === 'revoked') return [];
      return state.status === 'active' ? [{ type: 'memory.revoked', data: { reason: command.data.reason ?? null } }] : ended(command, state);
    case 'memory.update':
      return state.status === 'active' ? update(command, memory) : ended(command, state);
  }
}

function create({ data, meta }: Of<'memory.create'>, state: MemoryState): Decision<MemoryEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'memory-exists', `The id "${meta.stream_id}" belongs to a memory already, maybe a deleted one: take another memory_id.`);
  }
  const { memory_id: _, expires_at = null, source_run_id = null, ...rest } = data;
  return inThePast(expires_at, meta.now) ?? [{ type: 'memory.created', data: { ...rest, expires_at, source_run_id } }];
}

function update({ data, meta }: Of<'memory.update'>, memory: MemoryCreated): Decision<MemoryEvent> {
  const { memory_id: _, ...wanted } = data;
  const changed = changes<MemoryCreated>(memory, wanted);
  if (Object.keys(changed).length === 0) return [];
  return inThePast(changed.expires_at ?? null, meta.now) ?? [{ type: 'memory.updated', data: changed }];
}

/** An expiry that has passed is a mistake: whoever wants a memory to end now revokes it. */
const inThePast = (expires_at: string | null, now: string): Rejection | null =>
  expires_at === null || Date.parse(expires_at) > Date.parse(now)
    ? null
    : reject('invalid', 'expiry-in-the-past', `expires_at must be later than now, ${now}: take a later time, or revoke the memory.`, [
        { field: '/expires_at', rule: `must be later than ${now}`, remedy: 'take a later time, or revoke the memory' },
      ]);

const ended = ({ meta }: MemoryCommand, { status }: MemoryState): Rejection =>
  status === 'deleted'
    ? reject('missing', 'memory-not-found', `The memory "${meta.stream_id}" was deleted.`)
    : reject('conflict', 'memory-ended', `The memory is ${status}: it does not change any more. Make a new one.`);

export const memoryDecider: Decider<MemoryState, MemoryCommand, MemoryEvent> = { initial: initialMemory, decide, evolve: evolveMemory };
