import type { Evidence } from './promise.ts';

/** P5: a tool that must not be called twice was not; under no key were two different things asked for. */
export function oneEffectPerKey({ history, world }: Evidence): string[] {
  const wrong: string[] = [];
  for (const [key, { path, calls, asked }] of world.keys) {
    if (path === '/charge' && calls > 1) wrong.push(`key ${key}: /charge was called ${calls} times`);
    if (asked.size > 1) wrong.push(`key ${key}: ${asked.size} different things were asked for: ${[...asked].join(' | ')}`);
  }
  return [...wrong, ...calledWithoutIntent({ history, world })];
}

/** Every call was asked for in the log before it happened: nothing outside happens that the log does not know of. */
function calledWithoutIntent({ history, world }: Pick<Evidence, 'history' | 'world'>): string[] {
  const intents = new Set(history.events.flatMap(({ type, data }) => (type === 'node.started' && typeof data['key'] === 'string' ? [data['key']] : [])));
  return [...world.keys.keys()].filter((key) => !intents.has(key)).map((key) => `key ${key}: was called, and no node.started of the log has it`);
}
