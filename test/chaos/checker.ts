import { acknowledgedIsFound, allOrNone, sameKeySameAnswer } from './check.commands.ts';
import { oneEffectPerKey } from './check.effects.ts';
import { staleChangesNothing } from './check.leases.ts';
import { settle } from './check.liveness.ts';
import { denseAndFixed } from './check.log.ts';
import { rebuiltIsEqual } from './check.read-models.ts';
import { readHistory } from './history.ts';
import { settledBy } from './ledger.ts';
import type { Check, PromiseId, Violation } from './promise.ts';
import type { Stack } from './stack.ts';

export interface Verdict {
  readonly violations: readonly Violation[];
  /** How long it took until everything had ended and caught up, in milliseconds. */
  readonly healMs: number;
  readonly events: number;
  readonly orders: number;
  readonly unknown: number;
}

const CHECKS: Readonly<Partial<Record<PromiseId, Check>>> = {
  P1: acknowledgedIsFound,
  P2: allOrNone,
  P3: denseAndFixed,
  P4: sameKeySameAnswer,
  P5: oneEffectPerKey,
  P6: staleChangesNothing,
};
/** Orders that were answered and are asked again all the same. */
const ASKED_AGAIN = 40;

/** Stops the load, waits until all is quiet (P8), asks a second time for what was answered, and checks every promise. */
export async function judge(stack: Stack, poison: ReadonlySet<string> = new Set()): Promise<Verdict> {
  await stack.workload.pause();
  const { stuck, ms } = await settle(stack, poison);
  await askAgain(stack);
  const violations: Violation[] = stuck.map((what) => ({ promise: 'P8', what }));
  const entries = [...stack.ledger.entries.values()];
  const history = await readHistory(stack.servers.databaseUrl);
  const evidence = { history, entries, recordings: stack.observer.recordings, world: stack.world };
  for (const [promise, check] of Object.entries(CHECKS)) {
    violations.push(...check(evidence).map((what) => ({ promise: promise as PromiseId, what })));
  }
  violations.push(...(await rebuiltIsEqual(stack.servers.databaseUrl)).map((what) => ({ promise: 'P7' as const, what })));
  const unknown = entries.filter(({ answers }) => answers.some(({ status }) => status === 'unknown')).length;
  return { violations, healMs: ms, events: history.events.length, orders: entries.length, unknown };
}

/** Every order that once got no answer, and a sample of the others. */
async function askAgain({ ledger, clients, random }: Stack): Promise<void> {
  const answered = [...ledger.entries.values()].filter((entry) => settledBy(entry)?.status === 'ok');
  const doubtful = answered.filter(({ answers }) => answers.length > 1 && answers.some(({ status }) => status === 'unknown'));
  const sample = Array.from({ length: Math.min(ASKED_AGAIN, answered.length) }, () => random.pick(answered));
  for (const { order } of new Set([...doubtful.slice(-ASKED_AGAIN), ...sample])) await clients.send(order);
}
