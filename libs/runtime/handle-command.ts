import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Cause, Command, CommandAccepted, CommandContract, EventEnvelope, JsonObject, NewEvent, StreamRef } from '@agent-platform/contracts/kit/index';
import { Id } from '@agent-platform/contracts/kit/index';
import type { AppendResult, CommandRecord, EventLog } from '@agent-platform/event-log/event-log';
import { Failure, isRejection, rejectionToFailure, type AnyFeature, type Lookup, type Rejection, type Reservation } from '@agent-platform/kernel/index';
import { schemaFields, shapeFailure } from '@agent-platform/kernel/schema-fields';
import type { z } from 'zod';
import type { Clock } from './clock.ts';
import { crashPoint, crashPointSoon } from './crash-point.ts';
import type { FeatureIndex } from './lookup.ts';
import { type Folded, foldOn, type Loaded, type StreamStates } from './stream-states.ts';

/** A command as it comes in from NATS, from HTTP or from a process inside. */
export interface CommandInput {
  readonly type: string;
  readonly workspace_id: string;
  readonly data: unknown;
  readonly cause: Cause;
  /** Idempotency: the caller's, when it gave one. The same id again gives the first answer. */
  readonly command_id?: string | undefined;
}

export type HandleCommand = (input: CommandInput) => Promise<CommandAccepted>;

const ATTEMPTS = 8;

/**
 * Load, prepare, decide, append. What it promises: an accepted command's events are in the log, all or none;
 * a refused one appended nothing; the same command id again gives the first answer. A lost race for a version
 * is decided again on fresh state. Throws Failure.
 */
export function createCommandHandler(options: {
  log: EventLog;
  features: FeatureIndex;
  states: StreamStates;
  lookup: Lookup;
  clock: Clock;
  /** Called after a commit with its events: wakes the relay, and hints to executors. */
  appended: (events: readonly EventEnvelope[]) => void;
}): HandleCommand {
  const { log, features, states, lookup, clock, appended } = options;

  async function handle(input: CommandInput): Promise<CommandAccepted> {
    const feature = features.deciding(input.type);
    const contract = feature?.contract.commands[input.type];
    if (!feature || !contract) throw new Failure('missing', 'command-unknown', `There is no command "${input.type}".`);
    const data = parse(contract.data, input);
    const stream: StreamRef = { workspace_id: input.workspace_id, category: feature.contract.category, stream_id: target(contract, data, input.type) };
    const command_id = input.command_id ?? randomUUIDv7();
    const fingerprint = createHash('sha256')
      .update(`${input.type}\n${JSON.stringify(data)}`)
      .digest('base64url');
    const meta = { ...input.cause, command_id, workspace_id: input.workspace_id, stream_id: stream.stream_id, now: clock.now() };
    const command: Command = { type: input.type, data, meta };
    const given = input.command_id !== undefined;

    // A creation hopes for a free id: it decides on the empty state and reads only when somebody was there first.
    let folded: Loaded | null = contract.creates === true ? { state: feature.decider.initial, version: 0, first: null } : null;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      folded ??= await states.load(feature, stream);
      const decided = await decide(feature, command, folded.state, lookup);
      if (isRejection(decided) || decided.length === 0) {
        const before = given ? await log.command(input.workspace_id, command_id) : null;
        if (before) return answerAgain(feature, before, command, fingerprint);
        if (isRejection(decided)) throw rejectionToFailure(decided);
        return accepted(feature, command, stream, { ...folded, begun: folded.first?.time, recorded: undefined }, null);
      }
      crashPoint('commands.before-append');
      const appending = log.append({
        stream,
        expected: folded.version,
        events: decided.map((event) => ({ ...event, schema_version: feature.contract.events[event.type]?.version ?? 1 })),
        cause: input.cause,
        command: { id: command_id, fingerprint },
        reservations: reservationsOf(feature, decided, folded.state),
      });
      crashPointSoon('commands.during-append');
      const result = await appending;
      crashPoint('commands.after-append');
      if (result.status === 'appended') {
        appended(decided.map((event, index) => envelope(feature, command, event, index, result)));
        const now = evolve(feature, folded, decided, result.last_version);
        states.grown(feature, stream, now);
        const times = { begun: folded.first?.time ?? result.time, recorded: result.time };
        return accepted(feature, command, stream, { ...now, ...times }, result.event_ids.at(-1) ?? null);
      }
      if (result.status === 'duplicate') return answerAgain(feature, { ...result, fingerprint }, command, fingerprint);
      if (result.status !== 'conflict') throw refused(result);
      folded = null;
    }
    throw new Failure('conflict', 'too-much-contention', `"${stream.stream_id}" changed ${ATTEMPTS} times while the command was decided; try again.`, {
      status: 409,
      retryAfterSeconds: 1,
    });
  }

  async function answerAgain(feature: AnyFeature, before: CommandRecord, command: Command, fingerprint: string): Promise<CommandAccepted> {
    if (before.fingerprint !== fingerprint) throw refused({ status: 'command_reused' });
    const events = await log.readStream(before.stream, { to: before.last_version });
    const times = { begun: events[0]?.time, recorded: events.find(({ version }) => version >= before.first_version)?.time };
    return accepted(feature, command, before.stream, { ...foldOn(feature, null, events), ...times }, before.event_ids.at(-1) ?? null);
  }

  return handle;
}

async function decide(feature: AnyFeature, command: Command, state: unknown, lookup: Lookup): Promise<readonly NewEvent[] | Rejection> {
  const prepared = await feature.prepare?.[command.type]?.(command, lookup);
  if (prepared !== undefined && isRejection(prepared)) return prepared;
  return feature.decider.decide(prepared ?? command, state);
}

/** The decision's uniqueness claims, event by event on the state before it. */
function reservationsOf(feature: AnyFeature, events: readonly NewEvent[], before: unknown): readonly Reservation[] {
  if (!feature.reservations) return [];
  let state = before;
  return events.flatMap((event) => {
    const claims = feature.reservations?.(event, state) ?? [];
    state = feature.decider.evolve(state, event);
    return claims;
  });
}

/** An event of an append as the log has it. */
function envelope(
  feature: AnyFeature,
  { meta }: Command,
  event: NewEvent,
  index: number,
  result: Extract<AppendResult, { status: 'appended' }>,
): EventEnvelope {
  const { type, data } = event;
  return {
    id: result.event_ids[index] ?? '',
    type,
    schema_version: feature.contract.events[type]?.version ?? 1,
    workspace_id: meta.workspace_id,
    category: feature.contract.category,
    stream_id: meta.stream_id,
    version: result.first_version + index,
    time: result.time,
    actor: meta.actor,
    correlation_id: meta.correlation_id,
    causation_id: meta.causation_id,
    traceparent: meta.traceparent,
    // What a decider returns is JSON but for keys that are undefined, which JSON leaves out.
    data: data as JsonObject,
  };
}

const evolve = (feature: AnyFeature, folded: Folded, events: readonly NewEvent[], version: number): Folded => ({
  state: events.reduce<unknown>((state, event) => feature.decider.evolve(state, event), folded.state),
  version,
});

/** A stream after a command, with the recorded times of its first event and of the first one of the command, where there are any. */
interface Decided extends Folded {
  readonly begun: string | undefined;
  readonly recorded: string | undefined;
}

/** Commands of this name make a part of the entity, e.g. a version: it begins with the command, the entity began with its stream. */
const MAKES_PART = /\.create_/;

function accepted(feature: AnyFeature, command: Command, stream: StreamRef, decided: Decided, eventId: string | null): CommandAccepted {
  const { workspace_id, category, stream_id } = stream;
  const { state, version, begun, recorded } = decided;
  const part = feature.answer?.(command, state);
  const { id, entity } = part ?? { id: stream_id, entity: feature.view(state, stream_id) };
  const created_at = !part ? begun : MAKES_PART.test(command.type) ? recorded : undefined;
  return {
    ok: true,
    id,
    entity: entity && { ...(created_at !== undefined && { created_at }), ...entity, workspace_id },
    log: { stream: `${workspace_id}/${category}/${stream_id}`, version, event_id: eventId },
  };
}

function parse(schema: z.ZodType, input: CommandInput): Readonly<Record<string, unknown>> {
  const parsed = schema.safeParse(input.data);
  if (parsed.success) return parsed.data as Readonly<Record<string, unknown>>;
  throw shapeFailure('invalid-command', `The data of ${input.type} is not right`, schemaFields(parsed.error));
}

/** Id of the stream that a command is for; a creation without one gets a fresh id. */
function target(contract: CommandContract, data: Readonly<Record<string, unknown>>, type: string): string {
  const given = Id.safeParse(data[contract.target]);
  if (given.success) return given.data;
  if (contract.creates === true && data[contract.target] === undefined) return randomUUIDv7();
  throw new Failure('invalid', 'invalid-command', `${type} needs to know its target.`, { errors: [{ field: `/${contract.target}`, rule: 'required' }] });
}

function refused(result: Exclude<AppendResult, { status: 'appended' | 'duplicate' | 'conflict' }>): Failure {
  switch (result.status) {
    case 'command_reused':
      return new Failure('conflict', 'idempotency-key-reused', 'This idempotency key was used for another command; take a new key.');
    case 'reserved':
      return new Failure('conflict', `${result.scope.replaceAll('_', '-')}-taken`, `"${result.key}" is taken by "${result.holder}".`, {
        errors: [{ field: `/${result.scope.split('_').at(-1) ?? ''}`, rule: 'must be unique in the workspace', remedy: 'choose another one' }],
      });
    default:
      return new Failure('fault', 'unexpected-lease', `A command met a lease: ${result.status}.`);
  }
}
