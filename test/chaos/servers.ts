import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findNatsServer, freePort, startNativePostgres, startNats, type RunningNats, type RunningPostgres } from '@agent-platform/embedded/index';
import { ROOT } from './root.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';
import { copyCluster, type Replication, type Standby, startStandby } from './standby.ts';

/** Postgres and NATS of a chaos run: each on a fixed port and a folder of its own, so that they come back as themselves. */
export interface Servers {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** SIGKILL for the postmaster and every backend at once, as a power cut would. */
  killPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** Follows this Postgres, ready to take its place; null when there is none. */
  readonly standby: Standby | null;
  /** Starts Postgres if it has ended. */
  revivePostgres(): Promise<void>;
  /** Where Postgres keeps its data; null on the disk of the machine. */
  readonly disk: SmallDisk | null;
  /** Where JetStream keeps its data; null on the disk of the machine. */
  readonly natsDisk: SmallDisk | null;
  killNats(): Promise<void>;
  /** Everything JetStream has stored is gone. Only while NATS is down. */
  wipeNats(): void;
  startNats(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Postgres gets a disk of its own of this size, in MB. */
  readonly diskMb?: number;
  /** JetStream gets a disk of its own of this size, in MB. */
  readonly natsDiskMb?: number;
  /** Postgres has a standby. */
  readonly replication?: Replication;
}

export async function startServers(folder: string, { settings, diskMb, natsDiskMb, replication }: ServerOptions = {}): Promise<Servers> {
  const [postgresPort, natsPort, binary] = [await freePort(), await freePort(), await findNatsServer({ cacheDir: join(ROOT, '.cache') })];
  const disk = diskMb === undefined ? null : mountSmallDisk(join(folder, 'postgres'), diskMb);
  const natsFolder = join(folder, 'nats');
  const natsDisk = natsDiskMb === undefined ? null : mountSmallDisk(natsFolder, natsDiskMb);
  const openPostgres = (more: Readonly<Record<string, string>> = {}) =>
    startNativePostgres({ dataDir: join(folder, 'postgres'), port: postgresPort, settings: { shared_buffers: '64MB', ...settings, ...more } });
  const openNats = () => startNats({ binary: binary.file, storeDir: natsFolder, port: natsPort });
  if (replication) {
    await (await openPostgres()).stop();
    copyCluster(join(folder, 'postgres'), join(folder, 'standby'));
  }
  let [postgres, nats]: [RunningPostgres, RunningNats] = await Promise.all([
    openPostgres(replication === 'synchronous' ? { synchronous_standby_names: '*' } : {}),
    openNats(),
  ]);
  const standby = replication ? await startStandby(join(folder, 'standby'), postgres) : null;

  return {
    databaseUrl: standby?.databaseUrl ?? postgres.databaseUrl,
    standby,
    natsUrl: nats.natsUrl,
    async killPostgres() {
      for (const pid of [postgres.pid, ...childrenOf(postgres.pid)]) killHard(pid);
      await postgres.exited;
      await postgres.stop();
    },
    async startPostgres() {
      postgres = await openPostgres();
    },
    async revivePostgres() {
      const over = await Promise.race([postgres.exited.then(() => true), pause(0, false)]);
      if (!over) return;
      await postgres.stop();
      postgres = await openPostgres();
    },
    disk,
    natsDisk,
    async killNats() {
      killHard(nats.pid);
      await nats.exited;
      await nats.stop();
    },
    wipeNats: () => rmSync(join(natsFolder, 'store'), { recursive: true, force: true }),
    async startNats() {
      nats = await openNats();
    },
    async stop() {
      await Promise.all([standby?.stop(), postgres.stop(), nats.stop()]);
      disk?.unmount();
      natsDisk?.unmount();
    },
  };
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** Linux only, as the chaos runs are. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) && parentOf(name) === pid ? [Number(name)] : []));
}

function parentOf(pid: string): number | null {
  try {
    // The command's name stands in brackets and may hold spaces; the parent is the second field after it.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return null;
  }
}
