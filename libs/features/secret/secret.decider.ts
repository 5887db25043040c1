import type { secretContract } from '@agent-platform/contracts/secret/secret.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { isSealed } from '@agent-platform/kernel/secrets';

export type SecretCommand = CommandOf<typeof secretContract>;
export type SecretEvent = EventOf<typeof secretContract>;

export interface SecretState {
  readonly status: 'none' | 'active' | 'deleted';
  readonly description: string | null;
  readonly sealed: string;
}

const initial: SecretState = { status: 'none', description: null, sealed: '' };

function decide(command: SecretCommand, state: SecretState): Decision<SecretEvent> {
  const name = command.meta.stream_id;
  // Whatever happened on the way: a value in clear is never recorded.
  if (command.type !== 'secret.delete' && !isSealed(command.data.value))
    return reject('invalid', 'secret-not-sealed', 'The value was not encrypted on its way, so it is not kept: send it as a command of the platform.');
  if (command.type === 'secret.create') {
    if (state.status === 'active') return reject('conflict', 'secret-exists', `There is a secret "${name}" already: rotate it, or take another name.`);
    return [{ type: 'secret.created', data: { description: command.data.description ?? null, sealed: command.data.value } }];
  }
  if (command.type === 'secret.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return reject('missing', 'secret-not-found', `There is no secret "${name}" in this workspace.`);
  switch (command.type) {
    case 'secret.rotate':
      return command.data.value === state.sealed ? [] : [{ type: 'secret.rotated', data: { sealed: command.data.value } }];
    case 'secret.delete':
      return [{ type: 'secret.deleted', data: {} }];
  }
}

function evolve(state: SecretState, event: SecretEvent): SecretState {
  switch (event.type) {
    case 'secret.created':
      return { status: 'active', ...event.data };
    case 'secret.rotated':
      return { ...state, sealed: event.data.sealed };
    case 'secret.deleted':
      return { ...initial, status: 'deleted' };
  }
}

export const secretDecider: Decider<SecretState, SecretCommand, SecretEvent> = { initial, decide, evolve };

/** The secret as commands answer it: never with its value, sealed or not. */
export const secretView = ({ status, description }: SecretState, name: string): JsonObject | null => (status === 'active' ? { name, description } : null);
