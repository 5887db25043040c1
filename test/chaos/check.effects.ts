import type { Evidence } from './promise.ts';

/**
 * P5: a tool that must not be called twice was not; under no key were two different things asked for. An effect has one
 * key in all its attempts, and each may call once: another attempt is begun when the one before did not reach the tool, as
 * far as can be known, or because a person wants it.
 */
export function oneEffectPerKey({ history, world }: Evidence): string[] {
  const attempts = attemptsOf(history);
  const wrong: string[] = [];
  for (const [key, { path, calls, asked }] of world.keys) {
    const allowed = Math.max(1, attempts.get(key) ?? 0);
    if (path === '/charge' && calls > allowed) wrong.push(`key ${key}: /charge was called ${calls} times in ${allowed} attempts`);
    if (asked.size > 1) wrong.push(`key ${key}: ${asked.size} different things were asked for: ${[...asked].join(' | ')}`);
  }
  return [...wrong, ...calledWithoutIntent({ history, world })];
}

/** Attempts that were begun under each key; one that is begun again after a crash counts once. */
function attemptsOf(history: Evidence['history']): ReadonlyMap<string, number> {
  const attempts = new Map<string, number>();
  for (const { type, data } of history.events) {
    if (type !== 'node.started' || typeof data['key'] !== 'string' || data['recovered'] !== undefined) continue;
    attempts.set(data['key'], (attempts.get(data['key']) ?? 0) + 1);
  }
  return attempts;
}

/** Every call was asked for in the log before it happened: nothing outside happens that the log does not know of. */
function calledWithoutIntent({ history, world }: Pick<Evidence, 'history' | 'world'>): string[] {
  const intents = new Set(history.events.flatMap(({ type, data }) => (type === 'node.started' && typeof data['key'] === 'string' ? [data['key']] : [])));
  return [...world.keys.keys()].filter((key) => !intents.has(key)).map((key) => `key ${key}: was called, and no node.started of the log has it`);
}
