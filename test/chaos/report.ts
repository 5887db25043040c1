import { PROMISES, type PromiseId } from './promise.ts';
import type { Result } from './session.ts';

const SHOWN = 8;

const brokenBy = ({ verdict }: Result): readonly PromiseId[] => [...new Set(verdict.violations.map(({ promise }) => promise))].toSorted();
export const isGreen = (result: Result): boolean => result.done && result.verdict.violations.length === 0;

/** One line for a scenario, and below it what it broke. */
export function lineOf(result: Result): string {
  const { scenario, done, note, seconds, verdict, surprises } = result;
  const word = verdict.violations.length > 0 ? `BROKEN ${brokenBy(result).join(' ')}` : done ? 'ok' : 'NOT HIT';
  const numbers = `${verdict.events} events, ${verdict.orders} orders, ${verdict.unknown} once without answer, healed in ${verdict.healMs} ms`;
  const head = `${word.padEnd(9)} ${scenario.padEnd(48)} ${seconds.toFixed(1).padStart(5)} s  ${note}; ${numbers}`;
  const broken = verdict.violations.slice(0, SHOWN).map(({ promise, what }) => `            ${promise} (${PROMISES[promise]}): ${what}`);
  const more = verdict.violations.length > SHOWN ? [`            and ${verdict.violations.length - SHOWN} more`] : [];
  return [head, ...broken, ...more, ...surprises.map((text) => `            surprise: ${text}`)].join('\n');
}

export function summaryOf(results: readonly Result[]): string {
  const bad = results.filter((result) => !isGreen(result));
  const broken = [...new Set(bad.flatMap(brokenBy))].toSorted();
  const promises = Object.keys(PROMISES).map((id) => `${id} ${broken.includes(id as PromiseId) ? 'BROKEN' : 'kept'}`);
  return [`${results.length - bad.length} of ${results.length} scenarios green`, promises.join('  ')].join('\n');
}
