import { setTimeout as pause } from 'node:timers/promises';
import type { Link, LinkState } from './link.ts';
import type { Links } from './links.ts';
import type { Scenario } from './scenario.ts';
import { beginSlowEffects } from './slow-effects.ts';
import { LEASE_SECONDS, type Stack } from './stack.ts';

/** Longer than several leases and than a client's patience. */
const AWHILE_MS = 6_000;

const network = (name: string, run: (stack: Stack, links: Links) => Promise<string>): Scenario => ({
  name: `network ${name}`,
  group: 'network',
  async run(stack) {
    if (!stack.links) throw new Error(`scenario "network ${name}" needs a stack with links`);
    return { done: true, note: await run(stack, stack.links) };
  },
});

async function during(state: LinkState, links: readonly Link[], ms = AWHILE_MS): Promise<void> {
  for (const link of links) link.set(state);
  await pause(ms);
  for (const link of links) link.set('open');
}

/** Connections that carry nothing any more, without an end: whoever holds one must notice by itself. */
const forgotten = (place: string): Scenario =>
  network(`${place} keeps dead connections`, (_stack, links) => {
    for (const link of links.of(place)) link.forget();
    return Promise.resolve('its connections to both servers are forgotten on the way; new ones work');
  });

export const networkScenarios: readonly Scenario[] = [
  network('executor cut off from both servers', async (stack, links) => {
    await beginSlowEffects(stack);
    await during('still', links.of('executor-1'), 3 * LEASE_SECONDS * 1000);
    return `one of two executors, for ${3 * LEASE_SECONDS} s with leases of ${LEASE_SECONDS} s`;
  }),

  network('executor reaches tools and nats, not postgres', async (stack, links) => {
    await beginSlowEffects(stack);
    await during('cut', links.of('executor-1', 'postgres'));
    return `connections refused for ${AWHILE_MS / 1000} s while its calls went on`;
  }),

  network('commits arrive, their answers do not', async (_stack, links) => {
    const all = links.all('postgres');
    for (const link of all) link.set('deaf');
    await pause(1_000);
    for (const link of all) link.set('cut');
    await pause(500);
    for (const link of all) link.set('open');
    return 'every role deaf to postgres for 1 s, then all connections reset';
  }),

  network('nobody reaches postgres', async (_stack, links) => {
    await during('still', links.all('postgres'));
    return `for ${AWHILE_MS / 1000} s`;
  }),

  network('nobody reaches nats', async (_stack, links) => {
    await during('still', links.all('nats'));
    return `for ${AWHILE_MS / 1000} s`;
  }),

  network('relay cut off from nats', async (_stack, links) => {
    await during('cut', links.of('relay', 'nats'));
    return `for ${AWHILE_MS / 1000} s`;
  }),

  ...['relay', 'commands', 'projector', 'scheduler', 'executor-1', 'gateway'].map(forgotten),
];
