import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { Cause } from '@agent-platform/contracts/kit/envelope';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';
import { Failure } from '@agent-platform/kernel/failure';
import { headerValue } from './event-headers.ts';

/** Headers of a command on its way: its id makes it safe to send again, the cause links what it does. */
export function commandHeaders(commandId: string, cause: Cause): MsgHdrs {
  const result = headers();
  const set = (name: string, value: string | undefined) => value !== undefined && result.set(name, headerValue(value));
  set(HEADERS.messageId, commandId);
  set(HEADERS.actor, cause.actor);
  set(HEADERS.correlation, cause.correlation_id);
  set(HEADERS.causation, cause.causation_id);
  set(HEADERS.traceparent, cause.traceparent);
  return result;
}

/**
 * A header of a message; undefined when it is absent or empty. The client decodes headers when they are asked for, and
 * throws when a stranger sent lines that are none: Failure('invalid', 'command-header').
 */
export function headerOf(message: Msg, name: string): string | undefined {
  try {
    return message.headers?.get(name) || undefined;
  } catch (cause) {
    const rule = 'must be lines of a name, a colon and a value';
    throw new Failure('invalid', 'command-header', `The headers ${rule}; use what the NATS client has for them.`, {
      cause,
      errors: [{ field: 'headers', rule }],
    });
  }
}
