import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { Ports } from '@agent-platform/ports/index';
import type { z } from 'zod';
import type { FillSecrets, NodeContext, NodeError } from '../node.ts';

export type BuiltinAnswer = { readonly value: JsonValue; readonly text: string } | { readonly failed: NodeError };

/** What a call outside is made with. */
export interface BuiltinCall {
  readonly ports: Ports;
  readonly context: NodeContext;
  readonly timeout_ms: number;
}

/** A tool of the platform itself. Its input is checked against the schema before anything is done. */
export interface Builtin<I = unknown> {
  readonly description: string;
  readonly input: z.ZodType<I>;
  /** Whether calls may change something outside. */
  readonly writes: boolean;
  /** What is wrong with the input as it was written, before templates are rendered. */
  check?(written: JsonObject): NodeError | null;
  /** Answers with nothing outside; null: this input needs the outside. The time is the command's, so that a replay answers the same. */
  answer?(input: I, now: string | null): BuiltinAnswer | null;
  /** Asks outside. What it throws is explained by `sent` on the cause. */
  perform?(input: I, call: BuiltinCall): Promise<BuiltinAnswer>;
  /** Whether this call may be made again when its outcome was lost. */
  repeatable(input: I): boolean;
  /** Puts secrets into the input; those without it have none. */
  fill?(input: JsonObject, fill: FillSecrets): JsonObject;
}

/** Keeps the schema and the functions of one tool together; outside of it an input is JSON that the schema has accepted. */
export const defineBuiltin = <I>(builtin: Builtin<I>): Builtin => ({
  ...builtin,
  // Every caller has parsed the input by this very schema.
  ...(builtin.answer && { answer: (input, now) => builtin.answer?.(input as I, now) ?? null }),
  repeatable: (input) => builtin.repeatable(input as I),
});
