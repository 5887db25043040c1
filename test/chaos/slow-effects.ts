import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from './stack.ts';

const PATIENCE_MS = 30_000;

/** Begins runs with an effect that takes seconds; resolves when all of them are in the middle of it. */
export async function beginSlowEffects({ workload, world }: Stack, count = 8): Promise<void> {
  const begun = (): number => [...world.keys.values()].filter(({ path }) => path === '/slow').length;
  const wanted = begun() + count;
  void workload.begin('slow', count);
  for (const end = Date.now() + PATIENCE_MS; begun() < wanted && Date.now() < end;) await pause(10);
}
