import type { KeyObject } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { Cause } from '@agent-platform/contracts/kit/envelope';
import { CommandReply } from '@agent-platform/contracts/kit/reply';
import { HEADERS, subjects } from '@agent-platform/contracts/kit/subjects';
import { Failure } from '@agent-platform/kernel/failure';
import { commandHeaders } from './command-headers.ts';
import { commandSignature } from './command-signature.ts';
import { isNoResponders } from './no-responders.ts';

export interface CommandCall {
  /** Idempotency: the same id again gives the first answer. */
  readonly commandId: string;
  readonly cause: Cause;
  readonly timeoutMs?: number;
  /** Further headers, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Signs the command, as roles of the platform do: they are trusted, and may send internal ones. */
  readonly key?: KeyObject | undefined;
}

const TIMEOUT_MS = 10_000;

const transient = (code: string, message: string, cause: unknown) => new Failure('transient', code, message, { retryAfterSeconds: 1, cause });

/**
 * Sends a command and waits for the answer: accepted, or refused with a problem. Throws Failure('transient') when nobody
 * listens (`commands-unavailable`), when no answer comes in time (`command-timeout`: it may still be carried out; send it
 * again with the same command id) and when there is no connection.
 */
export async function requestCommand(nc: NatsConnection, workspace: string, type: string, data: unknown, call: CommandCall): Promise<CommandReply> {
  const { subject, body, headers } = message(subjects.command(workspace, type), data, call);
  const answer = await nc.request(subject, body, { headers, timeout: call.timeoutMs ?? TIMEOUT_MS }).catch((error: unknown) => {
    if (isNoResponders(error)) throw transient('commands-unavailable', `No command service takes ${type} at the moment; try again shortly.`, error);
    if (isTimeout(error))
      throw transient(
        'command-timeout',
        `No answer to ${type} in ${call.timeoutMs ?? TIMEOUT_MS} ms. It may still be carried out: send it again with the same command id.`,
        error,
      );
    throw transient('nats-unreachable', `The command ${type} could not be sent; try again with the same command id.`, error);
  });
  const reply = CommandReply.safeParse(parse(answer.string()));
  if (reply.success) return reply.data;
  throw new Failure(
    'fault',
    'command-reply-malformed',
    `The answer to ${type} is not a command reply. Only the command service may subscribe to cmd.>; check the permissions.`,
    { cause: reply.error },
  );
}

/** Queues a command without waiting for it to be carried out; resolves when it is stored. Throws Failure('transient'). */
export async function enqueueCommand(nc: NatsConnection, workspace: string, type: string, data: unknown, call: CommandCall): Promise<void> {
  const { subject, body, headers } = message(subjects.queuedCommand(workspace, type), data, call);
  await jetstream(nc)
    .publish(subject, body, {
      headers,
      timeout: call.timeoutMs ?? TIMEOUT_MS,
    })
    .catch((error: unknown) => {
      throw transient('queue-unavailable', `The command ${type} could not be queued; try again with the same command id.`, error);
    });
}

function message(subject: string, data: unknown, { commandId, cause, headers: more = {}, key }: CommandCall) {
  const body = JSON.stringify(data);
  const headers = commandHeaders(commandId, cause);
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  if (key) headers.set(HEADERS.signature, commandSignature(key, { subject, data: body, header: (name) => headers.get(name) || undefined }));
  return { subject, body, headers };
}

const isTimeout = (error: unknown): boolean => error instanceof errors.TimeoutError || (error instanceof Error && error.cause instanceof errors.TimeoutError);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
