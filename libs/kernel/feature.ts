import type { Command, Contract, JsonObject, NewEvent, StreamRef } from '@agent-platform/contracts/kit/index';
import type { Decider, Rejection } from './decider.ts';
import type { Policy } from './executor.ts';
import type { Lookup } from './lookup.ts';
import type { Projection } from './projection.ts';
import type { Query } from './query.ts';

/** A key that one stream of a workspace may hold at a time, e.g. an app's code. Kept in the same commit as the events. */
export interface Reservation {
  readonly scope: string;
  readonly key: string;
  /** Gives the key back instead of taking it. */
  readonly release?: boolean;
}

/** A durable timer that an event asks for (`due_at`) or makes needless (`cancel`). */
export type Timer =
  | { readonly timer_id: string; readonly due_at: string; readonly target: StreamRef; readonly payload: JsonObject }
  | { readonly timer_id: string; readonly cancel: true };

/** Everything the machine needs to know about one aggregate. Plain data and pure functions. */
export interface Feature<S = unknown, C extends Command = Command, E extends NewEvent = NewEvent> {
  readonly contract: Contract;
  readonly decider: Decider<S, C, E>;
  /**
   * Version of the state's shape, for features whose streams grow long: with it, folded state is kept as a snapshot. The
   * state must then be plain JSON. Raise it whenever `evolve` makes another state of the same events.
   */
  readonly stateVersion?: number;
  /** The entity as commands answer it; null before creation and after deletion. */
  view(state: S, id: string): JsonObject | null;
  /**
   * What a command answers when it made a part of the entity, e.g. a version: the part's id and view.
   * Null, or not there: the stream's id and the entity's view. A function of the command and the state after it.
   */
  answer?(command: C, state: S): { readonly id: string; readonly entity: JsonObject } | null;
  /**
   * Looks up, before the decision, what it needs from other aggregates. The result replaces the command's data.
   * Keyed by command type.
   */
  readonly prepare?: Readonly<Record<string, (command: C, lookup: Lookup) => Promise<C | Rejection>>>;
  /** Uniqueness claims of one event. */
  reservations?(event: E, stateBefore: S): readonly Reservation[];
  timers?(event: E, stream: StreamRef): readonly Timer[];
  readonly policies?: readonly Policy[];
  readonly projections: readonly Projection[];
  readonly queries: Readonly<Record<string, Query>>;
}

/** A feature whose own types are forgotten: what the lists of features hold. */
// The machine only ever hands a feature values that came out of that same feature, so its types can be erased here.
// oxlint-disable-next-line no-explicit-any -- see above; `unknown` would refuse every concrete feature (contravariance)
export type AnyFeature = Feature<any, any, any>;

/** Identity with inference. */
export const defineFeature = <S, C extends Command, E extends NewEvent>(feature: Feature<S, C, E>): Feature<S, C, E> => feature;
