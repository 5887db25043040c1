import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import type { Scenario } from './scenario.ts';
import { beginSlowEffects } from './slow-effects.ts';
import { LEASE_SECONDS, type Stack } from './stack.ts';

const fault = (name: string, run: (stack: Stack) => Promise<string>): Scenario => ({
  name: `fault ${name}`,
  group: 'faults',
  run: async (stack) => ({ done: true, note: await run(stack) }),
});

const DOWN_MS = 800;

export const faultScenarios: readonly Scenario[] = [
  fault('postgres killed', async ({ servers }) => {
    await servers.killPostgres();
    await pause(DOWN_MS);
    const began = Date.now();
    await servers.startPostgres();
    return `SIGKILL for all backends; back after ${Date.now() - began} ms`;
  }),

  fault('nats killed', async ({ servers }) => {
    await servers.killNats();
    await pause(DOWN_MS);
    await servers.startNats();
    return 'SIGKILL; started again on its store';
  }),

  fault('nats wiped', async ({ servers }) => {
    await servers.killNats();
    servers.wipeNats();
    await pause(DOWN_MS);
    await servers.startNats();
    return 'SIGKILL; started again with an empty store';
  }),

  fault('executor paused beyond its lease', async (stack) => {
    const zombie = stack.cluster.process('executor-1');
    await beginSlowEffects(stack);
    zombie.signal('SIGSTOP');
    await pause(2.5 * LEASE_SECONDS * 1000);
    zombie.signal('SIGCONT');
    return `SIGSTOP for ${2.5 * LEASE_SECONDS} s with leases of ${LEASE_SECONDS} s, the other executor working`;
  }),

  fault('relay paused, standby takes over', async ({ cluster, servers }) => {
    const relay = cluster.process('relay');
    relay.signal('SIGSTOP');
    await query(servers.databaseUrl, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'relay-lock'`);
    await pause(2_000);
    relay.signal('SIGCONT');
    return 'SIGSTOP for 2 s, its lock taken away';
  }),

  fault('all connections to postgres cut', async ({ servers }) => {
    await query(
      servers.databaseUrl,
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return 'pg_terminate_backend for every client';
  }),

  fault('all roles killed at once', async ({ cluster }) => {
    await Promise.all(cluster.places.map((place) => cluster.kill(place)));
    await cluster.ready();
    return 'SIGKILL for every role';
  }),

  fault('every role restarted in order', async ({ cluster }) => {
    for (const place of cluster.places) await cluster.restart(place);
    return 'SIGTERM, one role after the other; each ended with 0';
  }),

  fault('every message twice and out of order', async ({ cluster }) => {
    const places = cluster.places.filter((place) => /^(projector|executor)/.test(place));
    const shim = new URL('./disturb.shim.ts', import.meta.url).href;
    for (const place of places) await cluster.restart(place, { NODE_OPTIONS: `--import=${shim}` });
    await pause(3_000);
    for (const place of places) await cluster.restart(place);
    return `for ${places.join(', ')}, within 30 ms`;
  }),

  fault('clocks are wrong', async ({ cluster }) => {
    const clocks: Readonly<Record<string, string>> = {
      'executor-1': '+3600',
      'executor-2': '-3600',
      scheduler: 'jumping',
      commands: 'jumping',
      relay: '-3600',
      projector: '+3600',
    };
    const places = cluster.places.filter((place) => clocks[place] !== undefined);
    const shim = new URL('./clock.shim.ts', import.meta.url).href;
    for (const place of places) await cluster.restart(place, { NODE_OPTIONS: `--import=${shim}`, CHAOS_CLOCK: clocks[place] });
    await pause(11_000);
    for (const place of places) await cluster.restart(place);
    return places.map((place) => `${place} ${clocks[place]}`).join(', ');
  }),

  fault('triggers delivered again from the beginning', async ({ cluster, servers }) => {
    const executors = cluster.places.filter((place) => place.startsWith('executor'));
    const again = await deleteDurables(servers.natsUrl, servers.databaseUrl);
    await Promise.all(executors.map((place) => cluster.kill(place)));
    await cluster.ready();
    return `deleted ${again.join(', ') || 'no durable'} and the place to begin at: every trigger came a second time`;
  }),
];

async function query(url: string, text: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  // The query may cut its own connection's siblings only; an error of this one is thrown by it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** The executors' consumer forgets what it had settled, and the log forgets how far it was. */
async function deleteDurables(natsUrl: string, databaseUrl: string): Promise<string[]> {
  const nats = await connect({ servers: natsUrl });
  const manager = await nats.jetstreamManager();
  const names: string[] = [];
  for await (const { name, config } of manager.consumers.list('EVT')) {
    if (config.durable_name === undefined) continue;
    await manager.consumers.delete('EVT', name);
    names.push(name);
  }
  await nats.close();
  await query(databaseUrl, `update event_log.cursors set position = 0`);
  return names;
}
