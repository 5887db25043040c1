import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@agent-platform/embedded/index';
import { type Clients, openClients } from './clients.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { Ledger } from './ledger.ts';
import { type Links, startLinks } from './links.ts';
import { type Observer, observe } from './observer.ts';
import { createPerson, type Person } from './person.ts';
import type { Recorded } from './recorded.ts';
import { ROOT } from './root.ts';
import { createRandom, type Random } from './seed.ts';
import { type ServerOptions, type Servers, startServers } from './servers.ts';
import { createWorkload, type Workload } from './workload.ts';
import { startWorld, type World } from './world.ts';

/** Everything a scenario plays with: servers, roles, the outside, the clients, and what they were told. */
export interface Stack {
  readonly servers: Servers;
  readonly cluster: Cluster;
  /** Between the roles and the servers; null when they are connected directly. */
  readonly links: Links | null;
  readonly world: World;
  readonly ledger: Ledger;
  readonly clients: Clients;
  readonly person: Person;
  readonly observer: Observer;
  readonly workload: Workload;
  readonly random: Random;
  /** Settings of the roles, for further processes of a scenario. */
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  close(): Promise<void>;
}

export interface StackOptions extends ServerOptions {
  readonly seed: number;
  /** Made when missing; logs and the ledger stay there. */
  readonly folder: string;
  readonly lanes?: number;
  readonly places?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** More settings for one place. */
  readonly envOf?: (place: string) => NodeJS.ProcessEnv;
  /** Puts a link that can fail between every role and each server. */
  readonly links?: boolean;
}

export const LEASE_SECONDS = 2;
const PLACES = ['relay', 'commands', 'projector', 'scheduler', 'executor-1', 'executor-2', 'gateway'] as const;

export async function startStack(options: StackOptions): Promise<Stack> {
  const { seed, folder, lanes = 8 } = options;
  mkdirSync(folder, { recursive: true });
  const random = createRandom(seed);
  const [world, servers, httpPort] = [await startWorld(createRandom(seed + 1)), await startServers(folder, options), await freePort()];
  const env: NodeJS.ProcessEnv = {
    AGENT_PLATFORM_DATABASE_URL: servers.databaseUrl,
    AGENT_PLATFORM_NATS_URL: servers.natsUrl,
    AGENT_PLATFORM_EGRESS_ALLOW: `127.0.0.1:${world.port}`,
    AGENT_PLATFORM_LEASE_SECONDS: String(LEASE_SECONDS),
    AGENT_PLATFORM_HTTP_PORT: String(httpPort),
    ...options.env,
  };
  const places = (options.places ?? PLACES).filter((place) => existsSync(join(ROOT, 'apps', place.split('-')[0] ?? '', 'main.ts')));
  const http = places.includes('gateway');
  const links = options.links === true ? await startLinks(places, servers) : null;
  const cluster = await startCluster(places, (place) => ({ ...env, ...links?.env(place), ...options.envOf?.(place) }), folder);
  const ledger = new Ledger(join(folder, 'ledger.jsonl'));
  const clients = await openClients(servers.natsUrl, http ? `http://127.0.0.1:${httpPort}` : null, ledger);
  const person = createPerson(clients, world, createRandom(seed + 2), http);
  const observer = await observe(servers.databaseUrl, clients.nats, (event: Recorded) => person.hear(event));
  const workload = createWorkload({ clients, observer, random, worldUrl: `http://127.0.0.1:${world.port}`, http, lanes });
  await workload.install();
  return {
    servers,
    cluster,
    links,
    world,
    ledger,
    clients,
    person,
    observer,
    workload,
    random,
    env,
    folder,
    async close() {
      await workload.pause();
      await observer.close();
      await clients.close();
      await cluster.stop();
      await links?.close();
      await servers.stop();
      await world.close();
    },
  };
}
