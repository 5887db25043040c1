import type { Command } from '@agent-platform/contracts/kit/index';

/** A refusal by the rules: a value, not an exception. `kind` says who must act next (see failure.ts). */
export interface Rejection {
  readonly rejected: 'invalid' | 'denied' | 'missing' | 'conflict';
  /** Stable machine code, e.g. `app-code-taken`. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly { field: string; rule: string; remedy?: string }[];
}

export const reject = (
  rejected: Rejection['rejected'],
  code: string,
  message: string,
  errors?: Rejection['errors'],
): Rejection => (errors ? { rejected, code, message, errors } : { rejected, code, message });

/** Events to append, in order. An empty list means "already so". */
export type Decision<E> = readonly E[] | Rejection;

export const isRejection = (value: unknown): value is Rejection =>
  typeof value === 'object' && value !== null && 'rejected' in value;

/**
 * The rules of one aggregate, as three pure things. No clock, random, id creation, await, throw or log:
 * time, ids and actor arrive in `command.meta`. `evolve` never validates. Running a command twice never
 * appends twice.
 */
export interface Decider<S, C extends Command, E> {
  readonly initial: S;
  decide(command: C, state: S): Decision<E>;
  evolve(state: S, event: E): S;
}

/** State after a history. */
export const fold = <S, E>(decider: { initial: S; evolve(state: S, event: E): S }, events: Iterable<E>): S => {
  let state = decider.initial;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};
