import { Failure, type Lookup, type Rejection, reject } from '@agent-platform/kernel/index';
import { isSealed, type SecretPlace } from '@agent-platform/kernel/secrets';
import type { SecretCommand } from './secret.decider.ts';

/** Where the value of a named secret is sealed for. The colon keeps it apart from headers, whose names can't have one. */
export const placeOf = (workspace_id: string, name: string): SecretPlace => ({ workspace_id, name: `secret:${name}` });

/** Seals the value, before anything is decided or recorded. */
export async function prepareSecret(command: SecretCommand, { secrets }: Lookup): Promise<SecretCommand | Rejection> {
  if (command.type === 'secret.delete') return command;
  if (!secrets) throw new Failure('fault', 'secrets-locked', 'This process has no key for secrets, so it must not record any.');
  const place = placeOf(command.meta.workspace_id, command.meta.stream_id);
  const { value } = command.data;
  if (isSealed(value) && secrets.open(place, value) === null) {
    const errors = [{ field: '/value', rule: 'was sealed for another secret, workspace or platform', remedy: 'give the value itself' }];
    return reject('invalid', 'secret-sealed-elsewhere', 'The value can’t be kept: it was sealed for another secret, workspace or platform.', errors);
  }
  return { ...command, data: { ...command.data, value: secrets.seal(place, value) } };
}
