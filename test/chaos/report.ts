import { PROMISES, type PromiseId } from './promise.ts';
import type { Result } from './session.ts';

/** Of each promise. */
const SHOWN = 3;

const brokenBy = ({ verdict }: Result): readonly PromiseId[] => [...new Set(verdict.violations.map(({ promise }) => promise))].toSorted();
export const isGreen = (result: Result): boolean => result.done && result.verdict.violations.length === 0;

/** One line for a scenario, and below it what it broke. */
export function lineOf(result: Result): string {
  const { scenario, done, note, seconds, verdict, surprises } = result;
  const word = verdict.violations.length > 0 ? `BROKEN ${brokenBy(result).join(' ')}` : done ? 'ok' : 'NOT HIT';
  const numbers = `${verdict.events} events, ${verdict.orders} orders, ${verdict.unknown} once without answer, healed in ${verdict.healMs} ms`;
  const head = `${word.padEnd(9)} ${scenario.padEnd(48)} ${seconds.toFixed(1).padStart(5)} s  ${note}; ${numbers}`;
  const broken = brokenBy(result).flatMap((promise) => examples(result, promise));
  return [head, ...broken, ...surprises.map((text) => `            surprise: ${text}`)].join('\n');
}

function examples({ verdict }: Result, promise: PromiseId): string[] {
  const all = verdict.violations.filter((violation) => violation.promise === promise);
  const shown = all.slice(0, SHOWN).map(({ what }) => `            ${promise} (${PROMISES[promise]}): ${what}`);
  return all.length > SHOWN ? [...shown, `            ${promise}: and ${all.length - SHOWN} more`] : shown;
}

export function summaryOf(results: readonly Result[]): string {
  const bad = results.filter((result) => !isGreen(result));
  const broken = [...new Set(bad.flatMap(brokenBy))].toSorted();
  const promises = Object.keys(PROMISES).map((id) => `${id} ${broken.includes(id as PromiseId) ? 'BROKEN' : 'kept'}`);
  return [`${results.length - bad.length} of ${results.length} scenarios green`, promises.join('  ')].join('\n');
}
