import type { Command, EventEnvelope, JsonObject, NewEvent, StreamRef } from '@agent-platform/contracts/kit/index';
import type { Lookup } from './lookup.ts';

/** A command that somebody wants to be decided: who, when and where are added by the machine. */
export type Wanted<C extends Command> = Pick<C, 'type' | 'data'>;

/** Commands that an executor gives itself, before `bind` has added to their data what they are decided with. */
export type Unbound<C extends Command, Bound extends string> = { [One in C as One['type']]: { type: One['type']; data: Omit<One['data'], Bound> } }[C['type']];

/** Something to be done outside, asked for by an event that is already in the log. */
export interface Effect {
  /** Names one attempt inside the platform: the same when it is begun again after a crash, another one for the next attempt. */
  readonly key: string;
  /** What kind of effect, e.g. the node type. */
  readonly kind: string;
  readonly request: unknown;
  /** After so many milliseconds its signal is aborted, and `timedOut` tells why. */
  readonly timeoutMs: number;
}

/**
 * A process over several aggregates without memory of its own: events become commands. Their ids are made
 * of the event's id, so that the same event twice means the same commands.
 */
export interface Policy {
  readonly triggers: readonly { readonly category: string; readonly type: string }[];
  react(event: EventEnvelope): readonly { readonly type: string; readonly data: JsonObject }[];
}

/** What an effect is given besides its request. */
export interface EffectContext {
  readonly stream: StreamRef;
  /** What the outside is to know the effect by, as `Idempotency-Key`. An executor may keep it the same over attempts. */
  readonly key: string;
  readonly correlation_id: string;
  /** The node of a run that this is done for, where the stream is no run itself. */
  readonly parent?: { readonly run_id: string; readonly node_id: string };
  /** Aborted when the lease is lost, the run is cancelled, the process shuts down, or the effect took too long. */
  readonly signal: AbortSignal;
  /** Whether the signal was aborted because the effect took longer than it may. */
  timedOut(): boolean;
  /** Publishes on `live.<...>.<topic>`: not stored, may be lost. */
  live(topic: string, data: unknown): void;
  /** Issues a command to another aggregate; the same `commandId` again gives the first answer. */
  command(type: string, workspaceId: string, data: unknown, commandId: string): Promise<unknown>;
}

/**
 * How a stream of one category is advanced: run to quiescence under a lease. Pure but for `perform`.
 * The runtime (libs/runtime/execute.ts) folds the stream, decides, appends, performs the effects that
 * the appended events ask for, turns outcomes into commands, and goes on until nothing is left to do.
 */
export interface Executor<S = unknown, C extends Command = Command, E extends NewEvent = NewEvent, X = unknown> {
  readonly category: string;
  /** Event types, by category, that can make a stream of this category go on. */
  readonly triggers: readonly { readonly category: string; readonly type: string }[];
  /** Which stream an event wakes, and the command it means there (none: just go on). */
  wake(event: EventEnvelope): { readonly stream: StreamRef; readonly command?: Wanted<C> } | null;
  /** Loads and caches what decisions need besides the state, e.g. the workflow's compiled graph. */
  context(state: S, stream: StreamRef, lookup: Lookup): Promise<X>;
  /** The command that makes the stream go on from where it is. */
  advance(state: S, context: X): Wanted<C>;
  /**
   * The command for effects that an earlier holder of the lease began and whose outcome is not in the log;
   * null when there are none.
   */
  recover(state: S, context: X): Wanted<C> | null;
  /** Commands that can be decided as one; the same in effect as one after the other. Absent: they are not merged. */
  merge?(commands: readonly Wanted<C>[]): readonly Wanted<C>[];
  /** Gives a command what its decision needs from the context, e.g. the graph. */
  bind(command: Wanted<C>, context: X): Wanted<C>;
  /** The effect an appended event asks for; null for most events. */
  effect(event: E, state: S, context: X): Effect | null;
  /** Does it, and turns what came of it into a command. Never throws: a failure is an outcome. */
  perform(effect: Effect, context: EffectContext): Promise<Wanted<C>>;
  /** Keys of effects that are still wanted; others are aborted. */
  wanted(state: S): ReadonlySet<string>;
  /** True when nothing can happen any more: the stream has ended. */
  ended(state: S): boolean;
}

/** An executor whose feature's own types are forgotten: the machine only moves values between the two. */
// oxlint-disable-next-line no-explicit-any -- see above; `unknown` would refuse every concrete executor (contravariance)
export type AnyExecutor = Executor<any, any, any, any>;
