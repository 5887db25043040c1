import type { z } from 'zod';
import type { Command } from './envelope.ts';
import type { JsonObject } from './ids.ts';

/** Shape of one event type. `upcasts[n]` turns data of schema version n into version n + 1. */
export interface EventContract {
  readonly summary: string;
  readonly version: number;
  readonly data: z.ZodType;
  readonly upcasts?: Readonly<Record<number, (data: JsonObject) => JsonObject>>;
}

/**
 * Shape of one command. `target` is the field of `data` that holds the id of the stream it is for;
 * with `creates`, a missing target gets a fresh id at the edge. `internal` commands are for the
 * platform's own roles: refused to everybody else, and in no document for users.
 */
export interface CommandContract {
  readonly summary: string;
  readonly data: z.ZodType;
  readonly target: string;
  readonly creates?: boolean;
  readonly internal?: boolean;
  readonly example?: JsonObject;
}

/** One read of a read model: `params` are path and query parameters together. */
export interface QueryContract {
  readonly summary: string;
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

/** An HTTP route as data: exactly one of `command` and `query`. Path parameters are written `{name}`. */
export interface RouteContract {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly command?: string;
  readonly query?: string;
  readonly status?: 200 | 201 | 202;
}

export interface Contract {
  /** Stream category, subject token and table prefix: the one word of the aggregate. */
  readonly category: string;
  readonly events: Readonly<Record<string, EventContract>>;
  readonly commands: Readonly<Record<string, CommandContract>>;
  readonly queries: Readonly<Record<string, QueryContract>>;
  readonly routes: readonly RouteContract[];
}

/** Identity with inference: keeps the literal keys of a contract as types. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract;
}

/** Union of the events of a contract, as its decider returns and folds them. */
export type EventOf<C extends Contract> = {
  [T in keyof C['events'] & string]: { readonly type: T; readonly data: z.output<C['events'][T]['data']> };
}[keyof C['events'] & string];

/** Union of the commands of a contract, parsed. */
export type CommandOf<C extends Contract> = {
  [T in keyof C['commands'] & string]: Command<T, z.output<C['commands'][T]['data']>>;
}[keyof C['commands'] & string];
