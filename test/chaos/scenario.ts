import type { Stack } from './stack.ts';

/** One thing that goes wrong while clients work. */
export interface Scenario {
  /** `crash <point>`, `fault <name>` or `poison`. */
  readonly name: string;
  /** Scenarios of one group share a stack, one after the other. */
  readonly group: string;
  /** Does the harm, and heals it. The load runs before, meanwhile and after. */
  run(stack: Stack): Promise<Outcome>;
}

export interface Outcome {
  /** False when the harm could not be done, such as a crash point that no process came to. */
  readonly done: boolean;
  readonly note: string;
  /** Runs that are broken on purpose and need not end. */
  readonly poison?: readonly string[];
}
