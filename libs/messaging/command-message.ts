import type { KeyObject } from 'node:crypto';
import type { Msg } from '@nats-io/transport-node';
import { WorkspaceId } from '@agent-platform/contracts/kit/ids';
import { LIMITS } from '@agent-platform/contracts/kit/limits';
import { HEADERS, parseCommandSubject } from '@agent-platform/contracts/kit/subjects';
import { Failure, rejectionToFailure } from '@agent-platform/kernel/failure';
import { parseJson } from '@agent-platform/kernel/json-text';
import { headerOf } from './command-headers.ts';
import { isSignedCommand } from './command-signature.ts';

/** A command as it came, read and within the limits, not yet checked against its contract. */
export interface IncomingCommand {
  readonly workspace_id: string;
  readonly type: string;
  readonly data: unknown;
  /** From `Nats-Msg-Id`; undefined when the caller gave none, and then sending it again is another command. */
  readonly commandId: string | undefined;
  /** A role of the platform sent it: what it says of itself is true. */
  readonly trusted: boolean;
  header(name: string): string | undefined;
}

type ReadHeader = (name: string) => string | undefined;

/** What goes into events and their headers: long ones would make events that no NATS message can hold. */
const HEADER_RULES = [
  { name: HEADERS.messageId, fits: /^[\x21-\x7e]{1,200}$/, rule: 'must be 1 to 200 visible ASCII characters', remedy: 'send a UUID' },
  ...[HEADERS.actor, HEADERS.correlation, HEADERS.causation].map((name) => ({
    name,
    fits: /^\P{Cc}{1,200}$/u,
    rule: 'must be 1 to 200 characters without control characters',
    remedy: 'send a shorter, plain text, or leave it out',
  })),
] as const;

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Workspace and type of a command subject. Throws Failure('invalid', 'command-subject'). */
export function readCommandSubject(subject: string): { readonly workspace_id: string; readonly type: string } {
  const parsed = parseCommandSubject(subject);
  const workspace = WorkspaceId.safeParse(parsed?.workspace_id);
  if (parsed && workspace.success) return { workspace_id: workspace.data, type: parsed.type };
  const rule = 'must be cmd.<workspace>.<noun>.<verb>, the workspace being 1 to 40 lower-case letters, digits, "-" or "_"';
  throw new Failure('invalid', 'command-subject', `The subject ${excerpt(subject)} ${rule}.`, { errors: [{ field: 'subject', rule }] });
}

/**
 * Reads a command message, request or queued. Throws Failure('invalid') that names field, rule and remedy:
 * `command-subject`, `command-header`, or a code of `parseJson`.
 *
 * @param key of the platform's roles; without one nobody is trusted
 */
export function readCommand(subject: string, data: Uint8Array, header: ReadHeader, key?: KeyObject): IncomingCommand {
  const { workspace_id, type } = readCommandSubject(subject);
  for (const { name, fits, rule, remedy } of HEADER_RULES) {
    const value = header(name);
    if (value === undefined || fits.test(value)) continue;
    throw new Failure('invalid', 'command-header', `The header ${name} ${rule}; ${remedy}.`, { errors: [{ field: `header ${name}`, rule, remedy }] });
  }
  const body = parseJson(data, { bytes: LIMITS.commandBytes, depth: LIMITS.jsonDepth });
  if (!body.ok) throw rejectionToFailure(body.rejection);
  const trusted = key !== undefined && header(HEADERS.signature) !== undefined && isSignedCommand(key, { subject, data, header });
  return { workspace_id, type, data: body.value, commandId: header(HEADERS.messageId), trusted, header: (name) => traced(name, header(name)) };
}

/** A trace context that is none is to be ignored (W3C Trace Context, 3.3): a command must not fail for it. */
const traced = (name: string, value: string | undefined): string | undefined =>
  name === HEADERS.traceparent && value !== undefined && !TRACEPARENT.test(value) ? undefined : value;

/** A header to repeat in an answer or a log line: undefined also when it can't be read, or is too long to be repeated. */
export function shortHeader(message: Msg, name: string): string | undefined {
  try {
    const value = headerOf(message, name);
    return value !== undefined && value.length <= 200 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A command type that nobody takes: names those there are, of the same noun when there is one. */
export function unknownCommand(type: string, known: Iterable<string>): Failure {
  const all = [...known].toSorted();
  const [noun] = type.split('.', 1);
  const near = all.filter((each) => each.startsWith(`${noun}.`));
  const rule = 'must be cmd.<workspace>.<noun>.<verb> with the type of a command there is';
  const remedy = `use one of ${(near.length > 0 ? near : all).join(', ')}; asyncapi.json and "nats micro info commands" describe all of them`;
  return new Failure('missing', 'command-unknown', `There is no command ${excerpt(type)}; ${remedy}.`, { errors: [{ field: 'subject', rule, remedy }] });
}

/** A command of the platform's own that somebody else sent. */
export const internalCommand = (type: string): Failure =>
  new Failure(
    'denied',
    'command-internal',
    `${type} is for the platform's own roles: they sign it, all with the same AGENT_PLATFORM_ROLE_KEY or the key in their database.`,
    {
      errors: [
        { field: 'subject', rule: 'must not be an internal command', remedy: 'asyncapi.json and "nats micro info commands" describe those for everybody' },
      ],
    },
  );

const excerpt = (text: string): string => (text.length > 200 ? `"${text.slice(0, 200)}…"` : `"${text}"`);
