import { setTimeout as pause } from 'node:timers/promises';
import { judge, type Verdict } from './checker.ts';
import { setAside } from './scenario.poison.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { startStack, type StackOptions } from './stack.ts';

export interface Result extends Outcome {
  readonly scenario: string;
  readonly seconds: number;
  readonly verdict: Verdict;
  /** Deaths that nothing of the harness caused. */
  readonly surprises: readonly string[];
}

const WARM_UP_MS = 700;
const AFTERWARDS_MS = 500;

/** Plays scenarios one after the other on one stack; every promise is checked after each. Ends early when one is broken. */
export async function play(scenarios: readonly Scenario[], options: StackOptions, report: (result: Result) => void): Promise<Result[]> {
  const stack = await startStack(options);
  const results: Result[] = [];
  const poison = new Set<string>();
  try {
    for (const scenario of scenarios) {
      const began = Date.now();
      const surprised = stack.cluster.surprises.length;
      stack.workload.start();
      await pause(WARM_UP_MS);
      const outcome = await scenario.run(stack);
      for (const run of outcome.poison ?? []) poison.add(run);
      await pause(AFTERWARDS_MS);
      const verdict = await judge(stack, poison);
      const set = await setAside(stack.servers, poison);
      const violations = [...verdict.violations, ...set.map((what) => ({ promise: 'P11' as const, what }))];
      const result = {
        ...outcome,
        scenario: scenario.name,
        seconds: (Date.now() - began) / 1000,
        verdict: { ...verdict, violations },
        surprises: stack.cluster.surprises.slice(surprised),
      };
      results.push(result);
      report(result);
      // What is broken stays broken: later scenarios would only repeat it.
      if (violations.length > 0) break;
    }
  } finally {
    await stack.close();
  }
  return results;
}
