import { Failure } from '@agent-platform/kernel/index';
import type { AppendRequest } from './event-log.ts';
import { plainText } from './json-text.ts';

const refuse = (field: string, rule: string): never => {
  throw new Failure('invalid', 'append-invalid', `${field} ${rule}`, { errors: [{ field, rule }] });
};
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Throws Failure('invalid') for a request that the log could not store or tell apart from another. */
export function checkRequest({ stream, expected, cause, command, reservations, lease, release }: AppendRequest): void {
  for (const field of ['workspace_id', 'category', 'stream_id'] as const)
    if (!TOKEN.test(stream[field])) refuse(`stream.${field}`, 'must be 1 to 64 letters, digits, "-" or "_"');
  if (typeof expected === 'number' && (!Number.isSafeInteger(expected) || expected < 0)) refuse('expected', 'must be an integer from 0, "exists" or "any"');
  plainText(cause.actor, 'cause.actor');
  plainText(cause.correlation_id, 'cause.correlation_id');
  if (cause.causation_id !== undefined) plainText(cause.causation_id, 'cause.causation_id');
  if (cause.traceparent !== undefined) plainText(cause.traceparent, 'cause.traceparent');
  if (command) {
    plainText(command.id, 'command.id');
    plainText(command.fingerprint, 'command.fingerprint');
  }
  for (const { scope, key } of reservations ?? []) {
    plainText(scope, 'reservations.scope');
    plainText(key, 'reservations.key');
  }
  if (lease) {
    if (!Number.isInteger(lease.owner) || lease.owner < 1 || lease.owner > 0x7fffffff) refuse('lease.owner', 'must be an integer from 1 to 2^31 - 1');
    if (!(lease.ttlMs > 0 && lease.ttlMs <= 86_400_000)) refuse('lease.ttlMs', 'must be above 0 and at most a day');
  } else if (release) refuse('release', 'needs the lease it gives back; pass lease too');
}
