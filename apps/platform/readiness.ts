import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const Services = z.object({ services: z.array(z.object({ name: z.string(), status: z.string() })) });
const LONGEST_MS = 60_000;
const ASK_EVERY_MS = 50;

/**
 * Asks the gateway until every role answers. Throws what `check` throws, and, after a minute, an error that
 * names who is missing.
 */
export async function untilReady(url: string, check: () => void): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  let missing = 'the gateway';
  while (performance.now() < deadline) {
    check();
    const services = await servicesOf(url);
    const down = services?.services.flatMap(({ name, status }) => (status === 'up' ? [] : [name]));
    if (down?.length === 0) return;
    missing = down?.join(', ') ?? 'the gateway';
    await pause(ASK_EVERY_MS);
  }
  throw new Error(`The platform is not ready after ${LONGEST_MS / 1000} s: no answer of ${missing}.`);
}

async function servicesOf(url: string): Promise<z.output<typeof Services> | null> {
  try {
    const answer = await fetch(`${url}/api/v1/services/health`, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? Services.parse(await answer.json()) : null;
  } catch {
    return null;
  }
}
