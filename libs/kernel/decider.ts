import type { Command } from '@agent-platform/contracts/kit/index';

/** A refusal by the rules: a value, not an exception. `kind` says who must act next (see failure.ts). */
export interface Rejection {
  readonly rejected: 'invalid' | 'denied' | 'missing' | 'conflict';
  /** Stable machine code, e.g. `app-code-taken`. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly { field: string; rule: string; remedy?: string }[];
}

export const reject = (rejected: Rejection['rejected'], code: string, message: string, errors?: Rejection['errors']): Rejection =>
  errors ? { rejected, code, message, errors } : { rejected, code, message };

/** Events to append, in order. An empty list means "already so". */
export type Decision<E> = readonly E[] | Rejection;

export const isRejection = (value: unknown): value is Rejection => typeof value === 'object' && value !== null && 'rejected' in value;

/**
 * The rules of one aggregate, as three pure things. No clock, random, id creation, await, throw or log:
 * time, ids and actor arrive in `command.meta`. `evolve` never validates. Running a command twice never
 * appends twice.
 */
export interface Decider<S, C extends Command, E> {
  readonly initial: S;
  decide(command: C, state: S): Decision<E>;
  evolve(state: S, event: E): S;
  /** The same for many events, where one copy of the state for all of them is worth it. */
  evolveAll?(state: S, events: Iterable<E>): S;
}

type Folding<S, E> = Pick<Decider<S, never, E>, 'initial' | 'evolve' | 'evolveAll'>;

/** State after more events. */
export function evolveAll<S, E>(decider: Omit<Folding<S, E>, 'initial'>, state: S, events: Iterable<E>): S {
  if (decider.evolveAll) return decider.evolveAll(state, events);
  let next = state;
  for (const event of events) next = decider.evolve(next, event);
  return next;
}

/** State after a history. */
export const fold = <S, E>(decider: Folding<S, E>, events: Iterable<E>): S => evolveAll(decider, decider.initial, events);
