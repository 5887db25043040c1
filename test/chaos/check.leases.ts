import type { Evidence } from './promise.ts';
import type { History } from './history.ts';

type Logged = History['events'][number];
interface Attempt {
  readonly starter: string;
  readonly effect: boolean;
  outcomes: number;
}

const OUTCOMES: ReadonlySet<string> = new Set(['node.completed', 'node.failed', 'node.retry_scheduled', 'node.outcome_unknown']);
const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

/**
 * P6: in every run, an attempt's outcome follows its start, there is one, an effect's outcome comes from the executor
 * that began it last (with a lease, nobody else may say it), and nothing happens after the end.
 */
export function staleChangesNothing({ history }: Evidence): string[] {
  return [...history.streams].flatMap(([name, events]) => (events[0]?.category === 'run' ? checkRun(name, events) : []));
}

function checkRun(name: string, events: readonly Logged[]): string[] {
  const wrong: string[] = [];
  const attempts = new Map<string, Attempt>();
  let end: string | null = null;
  for (const event of events) {
    const at = `${name} v${event.version} ${event.type} of ${event.actor}`;
    if (end !== null) wrong.push(`${at}: came after ${end}`);
    if (ENDS.has(event.type)) end = event.type;
    const key = `${event.data['node_id'] as string}/${attemptOf(event)}`;
    const attempt = attempts.get(key);
    if (event.type === 'node.started') {
      if (attempt && (attempt.outcomes > 0 || event.data['recovered'] === undefined)) wrong.push(`${at}: attempt ${key} was begun already`);
      attempts.set(key, { starter: event.actor, effect: event.data['key'] !== undefined, outcomes: 0 });
    } else if (event.type === 'node.waiting') {
      // What ends the wait comes from a person, a signal or a timer, and whoever holds the lease then writes it down.
      if (attempt) attempts.set(key, { ...attempt, effect: false });
    } else if (OUTCOMES.has(event.type)) {
      wrong.push(...checkOutcome(at, event, key, attempt));
    }
  }
  return wrong;
}

function checkOutcome(at: string, event: Logged, key: string, attempt: Attempt | undefined): string[] {
  if (!attempt) return [`${at}: attempt ${key} was never begun`];
  const unknown = event.type === 'node.outcome_unknown';
  // After "unknown" comes one more outcome: a person's.
  attempt.outcomes += unknown ? 0 : 1;
  const wrong = attempt.outcomes > 1 ? [`${at}: attempt ${key} has ${attempt.outcomes} outcomes`] : [];
  const byExecutor = event.actor.startsWith('executor:');
  if (byExecutor && attempt.effect && !unknown && event.actor !== attempt.starter) wrong.push(`${at}: attempt ${key} was begun by ${attempt.starter}`);
  return wrong;
}

/** A retry names the coming attempt. */
const attemptOf = ({ type, data }: Logged): number => Number(data['attempt'] ?? 1) - (type === 'node.retry_scheduled' ? 1 : 0);
