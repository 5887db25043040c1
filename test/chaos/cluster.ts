import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RoleProcess, startProcess } from './role.process.ts';

export const ROLES = ['relay', 'commands', 'projector', 'executor', 'scheduler', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

/** One place of a role, such as `executor-2`: whatever dies in it is started again, as a service manager would. */
interface Place {
  readonly name: string;
  readonly role: Role;
  process: RoleProcess;
  wanted: boolean;
}

export interface Cluster {
  readonly places: readonly string[];
  /** Deaths nobody asked for: neither the harness nor a crash point. */
  readonly surprises: readonly string[];
  process(place: string): RoleProcess;
  /** Kills what runs in a place and starts it anew with further settings, once; after its death it starts plainly. */
  replace(place: string, env?: NodeJS.ProcessEnv): Promise<RoleProcess>;
  kill(place: string): Promise<void>;
  /** Ends in order (SIGTERM) what runs in a place, starts it anew, and resolves when it is ready. Throws when it does not end well. */
  restart(place: string, env?: NodeJS.ProcessEnv): Promise<void>;
  /** Kills what runs in these places (all of them), and leaves them empty. */
  down(names?: readonly string[]): Promise<void>;
  /** Starts a process in each of these places again; resolves when all are ready. */
  up(names?: readonly string[]): Promise<void>;
  /** Resolves when every place has a process that said it was ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the given places (`role` or `role-n`), each with its settings. */
export async function startCluster(places: readonly string[], env: (place: string) => NodeJS.ProcessEnv, folder: string): Promise<Cluster> {
  const all = new Map<string, Place>();
  const surprises: string[] = [];
  let stopping = false;

  function spawn(name: string, more: NodeJS.ProcessEnv = {}): RoleProcess {
    const role = name.split('-')[0] as Role;
    const child = startProcess(`apps/${role}/main.ts`, { ...env(name), ...more }, join(folder, `${name}.log`));
    void child.exited.then((how) => revive(name, child, how));
    return child;
  }

  function revive(name: string, dead: RoleProcess, how: string): void {
    const place = all.get(name);
    if (stopping || !place?.wanted || place.process !== dead) return;
    if (how !== 'SIGKILL') surprises.push(`${name} ended by itself: ${how}`);
    place.process = spawn(name);
  }

  function place(name: string): Place {
    const found = all.get(name);
    if (!found) throw new Error(`place "${name}": not in this cluster; it has ${[...all.keys()].join(', ')}`);
    return found;
  }

  async function end(target: Place): Promise<void> {
    target.wanted = false;
    target.process.signal('SIGKILL');
    await target.process.exited;
  }

  async function ready(): Promise<void> {
    for (const { name } of all.values()) {
      // It may die, and be started anew, while it is waited for: a Postgres that is away ends a start.
      for (let attempt = 0; attempt < 100; attempt++) {
        if (
          await place(name).process.ready.then(
            () => true,
            () => false,
          )
        )
          break;
        await pause(200);
      }
    }
  }

  // The first one migrates the empty database.
  for (const [index, name] of places.entries()) {
    all.set(name, { name, role: name.split('-')[0] as Role, process: spawn(name), wanted: true });
    if (index === 0) await place(name).process.ready;
  }
  await ready();

  return {
    places,
    surprises,
    ready,
    process: (name) => place(name).process,
    down: async (names = places) => void (await Promise.all(names.map((name) => end(place(name))))),
    async up(names = places) {
      for (const name of names) Object.assign(place(name), { process: spawn(name), wanted: true });
      await ready();
    },
    async replace(name, more) {
      const target = place(name);
      await end(target);
      target.process = spawn(name, more);
      target.wanted = true;
      return target.process;
    },
    async kill(name) {
      const target = place(name);
      await end(target);
      target.process = spawn(name);
      target.wanted = true;
    },
    async restart(name, more) {
      const target = place(name);
      target.wanted = false;
      target.process.signal('SIGTERM');
      const how = await target.process.exited;
      target.process = spawn(name, more);
      target.wanted = true;
      await target.process.ready;
      if (how !== '0') throw new Error(`${name} ended with ${how} after SIGTERM, not with 0`);
    },
    async stop() {
      stopping = true;
      for (const { process } of all.values()) process.signal('SIGKILL');
      await Promise.all([...all.values()].map(({ process }) => process.exited));
    },
  };
}
