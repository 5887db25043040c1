import type { StreamRef } from './envelope.ts';

/** The subject grammar, built and read in this one place. Kind first, workspace second: permissions go by prefix. */
export const subjects = {
  command: (workspace: string, type: string) => `cmd.${workspace}.${type}`,
  queuedCommand: (workspace: string, type: string) => `cmdq.${workspace}.${type}`,
  event: (stream: StreamRef, type: string) => `evt.${stream.workspace_id}.${stream.category}.${stream.stream_id}.${type}`,
  live: (stream: StreamRef, topic: string) => `live.${stream.workspace_id}.${stream.category}.${stream.stream_id}.${topic}`,
  replay: (replayId: string, stream: StreamRef, type: string) => `replay.${replayId}.${subjects.event(stream, type)}`,
  dead: (stream: StreamRef, type: string) => `dead.${stream.workspace_id}.${stream.category}.${stream.stream_id}.${type}`,
  /** A dead message on its way back to the one consumer that gave up on it: events must not be published twice on `evt.>`. */
  redrive: (consumer: string, original: string) => `redrive.${consumer}.${original}`,
} as const;

/** Internal pokes over core NATS: hints that may be lost. Never part of the public API. */
export const pokes = {
  /** A transaction with new events has committed. */
  appended: 'poke.appended',
  /** A command has appended events, of which this is the first: executors may begin before JetStream brings them. */
  hint: (category: string, type: string) => `poke.hint.${category}.${type}`,
  /** Something was appended to a stream of an area, whose lease this executor holds. */
  executor: (owner: number, area: string) => `poke.executor.${owner}.${area}`,
} as const;

/** Every process of a role answers here. */
export const healthSubject = (role: string): string => `health.${role}`;

/** The process that runs a debugging replay answers here, so that any other can ask how far it is, or stop it. */
export const replayControlSubject = (replayId: string): string => `replay-control.${replayId}`;

/** Splits `evt.<workspace>.<category>.<id>.<noun>.<verb>`; null when the subject is not of that form. */
export function parseEventSubject(subject: string): (StreamRef & { type: string }) | null {
  const [kind, workspace_id, category, stream_id, ...type] = subject.split('.');
  if (kind !== 'evt' || !workspace_id || !category || !stream_id || type.length === 0) return null;
  return { workspace_id, category, stream_id, type: type.join('.') };
}

/** Type of the event that an event subject names: what follows its fourth dot; empty when there is none. */
export function eventTypeOf(subject: string): string {
  let at = -1;
  for (let dots = 0; dots < 4; dots++) {
    at = subject.indexOf('.', at + 1);
    if (at < 0) return '';
  }
  return subject.slice(at + 1);
}

/** Splits `cmd.<workspace>.<noun>.<verb>` (or `cmdq.`); null when the subject is not of that form. */
export function parseCommandSubject(subject: string): { workspace_id: string; type: string } | null {
  const [kind, workspace_id, ...type] = subject.split('.');
  if ((kind !== 'cmd' && kind !== 'cmdq') || !workspace_id || type.length === 0) return null;
  return { workspace_id, type: type.join('.') };
}

export const HEADERS = {
  messageId: 'Nats-Msg-Id',
  correlation: 'correlation-id',
  causation: 'causation-id',
  traceparent: 'traceparent',
  schemaVersion: 'schema-version',
  actor: 'actor',
  /** Of commands that roles send each other: proves that a role sent it (libs/messaging, "Who may send what"). */
  signature: 'platform-signature',
  position: 'position',
} as const;

/** Headers that a dead letter has besides those of the message it was. */
export const DEAD_HEADERS = {
  consumer: 'dead-consumer',
  /** Id of the message it was: event or command id. */
  messageId: 'dead-message-id',
  subject: 'dead-subject',
  deliveries: 'dead-deliveries',
  code: 'dead-code',
  message: 'dead-message',
  time: 'dead-time',
  /** Bytes of the payload, when only its beginning is kept. */
  cutFrom: 'dead-cut-from-bytes',
} as const;
